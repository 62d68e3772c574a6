// Parses the tools a model may call, and which of them it must. https://docs.claude.com/en/docs/agents-and-tools/tool-use
import type { Tool, ToolChoice } from '../../conversation/conversation.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import { parseCacheMarker } from './parse-blocks.ts'
import type { ParseNotes } from './parse-notes.ts'

/** Tools that Anthropic's servers run (`web_search_20250305` …), or that its models know by type, are refused. */
export function parseTools(body: RequestFields, notes: ParseNotes): readonly Tool[] {
  return (body.list('tools') ?? []).map((entry, index) => {
    const tool = RequestFields.of(entry, `tools[${index}]`)
    const path = tool.nameOf('type')
    const type = tool.string('type')
    if (type !== null && type !== 'custom') {
      throw unsupportedField(path, `'${path}' '${type.slice(0, 100)}' is not supported by this model.`)
    }
    const parameters = tool.record('input_schema')
    if (parameters === null) throw invalidField(tool.nameOf('input_schema'), 'is required')
    const isStrict = tool.boolean('strict')
    if (isStrict === true) notes.notePlace('strictTools', tool.nameOf('strict'))
    const name = tool.requireString('name')
    const description = tool.string('description')
    const cache = parseCacheMarker(tool)
    notes.noteUnread(tool)
    return { name, description, parameters, isStrict, cache }
  })
}

/** `isParallel` false: at most one call in an answer. */
export function parseToolChoice(
  body: RequestFields,
  notes: ParseNotes,
): Readonly<{ choice: ToolChoice | null; isParallel: boolean | null }> {
  const fields = body.object('tool_choice')
  if (fields === null) return { choice: null, isParallel: null }
  const isSingle = fields.boolean('disable_parallel_tool_use')
  const choice = parseChoice(fields)
  notes.noteUnread(fields)
  return { choice, isParallel: isSingle === null ? null : !isSingle }
}

function parseChoice(fields: RequestFields): ToolChoice {
  const kind = fields.word('type', ['auto', 'any', 'tool', 'none'])
  switch (kind) {
    case 'auto':
    case 'none':
      return { kind }
    case 'any':
      return { kind: 'required' }
    case 'tool':
      return { kind, name: fields.requireString('name') }
    case null:
      throw invalidField(fields.nameOf('type'), 'is required')
  }
}
