// Parses how an answer is to be thought out and which form it is to have.
// https://docs.claude.com/en/docs/build-with-claude/{extended-thinking,effort,structured-outputs}
import type { Reasoning, ResponseFormat } from '../../conversation/conversation.ts'
import {
  type Fields,
  notePlace,
  noteUnknown,
  type ParseNotes,
  readCountOrNull,
  readRecord,
  readTextOrNull,
  refuseInvalid,
} from './fields.ts'

const thinkingFields = new Set(['type', 'budget_tokens', 'display'])
const outputFields = new Set(['effort', 'format'])
const formatFields = new Set(['type', 'schema'])

export function parseReasoning(body: Fields, notes: ParseNotes): Reasoning | null {
  const effort = parseEffort(body)
  if (body.thinking == null) {
    if (effort === null) return null
    notePlace(notes, 'reasoning', 'output_config.effort')
    return { effort, budgetTokens: null, isShown: null }
  }
  const thinking = readRecord(body.thinking, 'thinking')
  noteUnknown(thinking, thinkingFields, 'thinking', notes)
  notePlace(notes, 'reasoning', 'thinking')
  const display = readTextOrNull(thinking.display, 'thinking.display')
  const isShown = display === null ? null : display !== 'omitted'
  switch (thinking.type) {
    case 'adaptive':
      return { effort, budgetTokens: null, isShown }
    case 'enabled': {
      const budgetTokens = readCountOrNull(thinking.budget_tokens, 'thinking.budget_tokens')
      if (budgetTokens === null) throw refuseInvalid('thinking.budget_tokens', 'is required')
      if (budgetTokens < 1024) throw refuseInvalid('thinking.budget_tokens', 'must be at least 1024')
      return { effort, budgetTokens, isShown }
    }
    case 'disabled':
      return { effort: 'none', budgetTokens: null, isShown }
    case 'between_tools':
      notes.unknown.push({ name: 'thinking.type', value: thinking.type })
      return null
    default:
      throw refuseInvalid('thinking.type', "must be 'enabled', 'disabled' or 'adaptive'")
  }
}

function parseEffort(body: Fields): Reasoning['effort'] {
  const effort = body.output_config == null ? null : readRecord(body.output_config, 'output_config').effort
  switch (effort) {
    case undefined:
    case null:
      return null
    case 'low':
    case 'medium':
    case 'high':
    case 'xhigh':
    case 'max':
      return effort
    default:
      throw refuseInvalid('output_config.effort', "must be 'low', 'medium', 'high', 'xhigh' or 'max'")
  }
}

/** `output_format` is the field's name in its beta. */
export function parseResponseFormat(body: Fields, notes: ParseNotes): ResponseFormat | null {
  const config = body.output_config == null ? null : readRecord(body.output_config, 'output_config')
  if (config !== null) noteUnknown(config, outputFields, 'output_config', notes)
  const path = config?.format == null ? 'output_format' : 'output_config.format'
  const value = config?.format ?? body.output_format
  if (value == null) return null
  const format = readRecord(value, path)
  noteUnknown(format, formatFields, path, notes)
  if (format.type !== 'json_schema') throw refuseInvalid(`${path}.type`, "must be 'json_schema'")
  notePlace(notes, 'jsonSchema', path)
  return {
    kind: 'json-schema',
    name: 'answer',
    description: null,
    schema: readRecord(format.schema, `${path}.schema`),
    isStrict: true,
  }
}
