// Parses the tools a model may call, and which of them it must. https://docs.claude.com/en/docs/agents-and-tools/tool-use
import type { Tool, ToolChoice } from '../../conversation/conversation.ts'
import {
  notePlace,
  noteUnknown,
  type ParseNotes,
  readArray,
  readFlagOrNull,
  readRecord,
  readText,
  readTextOrNull,
  refuseInvalid,
  refuseUnsupported,
} from './fields.ts'
import { parseCacheMarker } from './parse-blocks.ts'

const toolFields = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control'])
const choiceFields = new Set(['type', 'name', 'disable_parallel_tool_use'])

/** Tools that Anthropic's servers run (`web_search_20250305` …), or that its models know by type, are refused. */
export function parseTools(value: unknown, notes: ParseNotes): readonly Tool[] {
  if (value == null) return []
  return readArray(value, 'tools').map((entry, index) => {
    const path = `tools[${index}]`
    const tool = readRecord(entry, path)
    const type = readTextOrNull(tool.type, `${path}.type`)
    if (type !== null && type !== 'custom') {
      throw refuseUnsupported(`${path}.type`, `'${type.slice(0, 100)}' is not supported by this model`)
    }
    noteUnknown(tool, toolFields, path, notes)
    const isStrict = readFlagOrNull(tool.strict, `${path}.strict`)
    if (isStrict === true) notePlace(notes, 'strictTools', `${path}.strict`)
    return {
      name: readText(tool.name, `${path}.name`),
      description: readTextOrNull(tool.description, `${path}.description`),
      parameters: readRecord(tool.input_schema, `${path}.input_schema`),
      isStrict,
      cache: parseCacheMarker(tool.cache_control, `${path}.cache_control`),
    }
  })
}

/** `isParallel` false: at most one call in an answer. */
export function parseToolChoice(
  value: unknown,
  notes: ParseNotes,
): Readonly<{ choice: ToolChoice | null; isParallel: boolean | null }> {
  if (value == null) return { choice: null, isParallel: null }
  const fields = readRecord(value, 'tool_choice')
  noteUnknown(fields, choiceFields, 'tool_choice', notes)
  const disabled = readFlagOrNull(fields.disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use')
  const isParallel = disabled === null ? null : !disabled
  switch (fields.type) {
    case 'auto':
    case 'none':
      return { choice: { kind: fields.type }, isParallel }
    case 'any':
      return { choice: { kind: 'required' }, isParallel }
    case 'tool':
      return { choice: { kind: 'tool', name: readText(fields.name, 'tool_choice.name') }, isParallel }
    default:
      throw refuseInvalid('tool_choice.type', "must be 'auto', 'any', 'tool' or 'none'")
  }
}
