// The tools of a request and which of them is to be called. Only functions: the rest runs on OpenAI's servers.
// https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools
import type { Conversation, Tool } from '../../conversation/conversation.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import type { ParamNames } from './param-names.ts'

type ToolFields = Pick<Conversation, 'tools' | 'toolChoice'>

export function parseTools(body: RequestFields, names: ParamNames): ToolFields {
  const tools = (body.list('tools') ?? []).map((value, at) => parseTool(RequestFields.of(value, `tools[${at}]`), names))
  const value = body.value('tool_choice')
  if (value === null) return { tools, toolChoice: null }
  if (value === 'auto' || value === 'none' || value === 'required') {
    if (value === 'required' && tools.length === 0) throw invalidField('tool_choice', "is only allowed with 'tools'")
    return { tools, toolChoice: tools.length === 0 ? null : { kind: value } }
  }
  if (typeof value === 'string') throw invalidField('tool_choice', 'must be auto, none, required or an object')
  return chooseTools(RequestFields.of(value, 'tool_choice'), tools)
}

function parseTool(tool: RequestFields, names: ParamNames): Tool {
  requireFunction(tool)
  const isStrict = tool.boolean('strict')
  if (isStrict === true) names.note('strictTools', tool.nameOf('strict'))
  const parsed: Tool = {
    name: tool.requireString('name'),
    description: tool.string('description'),
    parameters: tool.record('parameters') ?? { type: 'object', properties: {} },
    isStrict,
    cache: null,
  }
  for (const name of ['async', 'defer_loading']) tool.skip(name, (value) => value === false)
  tool.refuseUnread()
  return parsed
}

function requireFunction(fields: RequestFields): void {
  const type = fields.requireString('type')
  if (type !== 'function') {
    throw unsupportedField(fields.nameOf('type'), `Tools of type '${type}' are not supported by this model.`)
  }
}

function chooseTools(choice: RequestFields, tools: readonly Tool[]): ToolFields {
  if (choice.value('type') === 'allowed_tools') return parseAllowedTools(choice, tools)
  requireFunction(choice)
  const name = parseToolName(choice, tools)
  choice.refuseUnread()
  return { tools, toolChoice: { kind: 'tool', name } }
}

/** The answer is that of a request which offers only these tools. */
function parseAllowedTools(choice: RequestFields, tools: readonly Tool[]): ToolFields {
  const mode = choice.word('mode', ['auto', 'required'])
  const named = (choice.list('tools') ?? []).map((value, at) => {
    const tool = RequestFields.of(value, `${choice.nameOf('tools')}[${at}]`)
    requireFunction(tool)
    const name = parseToolName(tool, tools)
    tool.refuseUnread()
    return name
  })
  if (named.length === 0) throw invalidField(choice.nameOf('tools'), 'must have at least one tool')
  choice.refuseUnread()
  return { tools: tools.filter(({ name }) => named.includes(name)), toolChoice: { kind: mode ?? 'auto' } }
}

function parseToolName(fields: RequestFields, tools: readonly Tool[]): string {
  const name = fields.requireString('name')
  if (!tools.some((tool) => tool.name === name)) throw invalidField(fields.nameOf('name'), "is none of 'tools'")
  return name
}
