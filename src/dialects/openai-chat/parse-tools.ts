// The tools of a chat request, which of them the model must use, and how the answer is to be shaped.
import type { Conversation, ResponseFormat, Tool, ToolChoice } from '../../conversation/conversation.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import type { ParamNames } from './param-names.ts'
import { parseCacheMarker } from './parse-cache-marker.ts'

export function parseTools(body: RequestFields, names: ParamNames): Pick<Conversation, 'tools' | 'toolChoice'> {
  for (const name of ['functions', 'function_call'] as const) {
    const value = body.value(name)
    if (value === null || (Array.isArray(value) && value.length === 0)) continue
    throw unsupportedField(name, `'${name}' is not supported: use '${name === 'functions' ? 'tools' : 'tool_choice'}'.`)
  }
  const tools = (body.list('tools') ?? []).map((value, index) =>
    parseTool(RequestFields.of(value, `tools[${index}]`), names),
  )
  return parseToolChoice(body, tools)
}

function parseTool(tool: RequestFields, names: ParamNames): Tool {
  requireFunction(tool)
  const declared = tool.requireObject('function')
  const name = declared.requireString('name')
  const description = declared.string('description')
  const parameters = declared.record('parameters') ?? { type: 'object', properties: {} }
  const isStrict = declared.boolean('strict')
  if (isStrict === true) names.note('strictTools', declared.nameOf('strict'))
  // Clients put it in either place.
  const cache = parseCacheMarker(tool, names) ?? parseCacheMarker(declared, names)
  declared.refuseUnread()
  tool.refuseUnread()
  return { name, description, parameters, isStrict, cache }
}

function requireFunction(fields: RequestFields): void {
  const type = fields.requireString('type')
  if (type !== 'function')
    throw unsupportedField(fields.nameOf('type'), `Tools of type '${type}' are not supported here.`)
}

function parseToolChoice(body: RequestFields, tools: readonly Tool[]): Pick<Conversation, 'tools' | 'toolChoice'> {
  const value = body.value('tool_choice')
  if (value === null) return { tools, toolChoice: null }
  if (value === 'auto' || value === 'none' || value === 'required') {
    if (value === 'required' && tools.length === 0) throw invalidField('tool_choice', "is only allowed with 'tools'")
    return { tools, toolChoice: tools.length === 0 ? null : { kind: value } }
  }
  if (typeof value === 'string') throw invalidField('tool_choice', 'must be auto, none, required or an object')
  const choice = RequestFields.of(value, 'tool_choice')
  const type = choice.requireString('type')
  if (type === 'allowed_tools') return parseAllowedTools(choice, tools)
  if (type !== 'function')
    throw unsupportedField('tool_choice.type', `A tool choice of type '${type}' is not supported.`)
  const name = parseToolName(choice, tools)
  choice.refuseUnread()
  return { tools, toolChoice: { kind: 'tool', name } }
}

/** The answer is that of a request which offers only these tools. */
function parseAllowedTools(choice: RequestFields, tools: readonly Tool[]): Pick<Conversation, 'tools' | 'toolChoice'> {
  const allowed = choice.requireObject('allowed_tools')
  const mode = allowed.word('mode', ['auto', 'required'])
  const param = allowed.nameOf('tools')
  const named = (allowed.list('tools') ?? []).map((value, index) => {
    const tool = RequestFields.of(value, `${param}[${index}]`)
    requireFunction(tool)
    const name = parseToolName(tool, tools)
    tool.refuseUnread()
    return name
  })
  allowed.refuseUnread()
  choice.refuseUnread()
  if (named.length === 0) throw invalidField(param, 'must have at least one tool')
  const toolChoice: ToolChoice = { kind: mode ?? 'auto' }
  return { tools: tools.filter(({ name }) => named.includes(name)), toolChoice }
}

function parseToolName(fields: RequestFields, tools: readonly Tool[]): string {
  const named = fields.requireObject('function')
  const name = named.requireString('name')
  named.refuseUnread()
  if (!tools.some((tool) => tool.name === name)) throw invalidField(named.nameOf('name'), "is none of 'tools'")
  return name
}

/** Null: plain text, or nothing said. */
export function parseResponseFormat(body: RequestFields): ResponseFormat | null {
  const format = body.object('response_format')
  if (format === null) return null
  const type = format.word('type', ['text', 'json_object', 'json_schema'])
  if (type === null) throw invalidField(format.nameOf('type'), 'is required')
  if (type !== 'json_schema') {
    format.refuseUnread()
    return type === 'text' ? null : { kind: 'json-object' }
  }
  const named = format.requireObject('json_schema')
  const parsed: ResponseFormat = {
    kind: 'json-schema',
    name: named.requireString('name'),
    description: named.string('description'),
    schema: named.record('schema') ?? {},
    isStrict: named.boolean('strict'),
  }
  named.refuseUnread()
  format.refuseUnread()
  return parsed
}
