// Parses how an answer is to be thought out and which form it is to have.
// https://docs.claude.com/en/docs/build-with-claude/{extended-thinking,effort,structured-outputs}
import type { Reasoning, ResponseFormat } from '../../conversation/conversation.ts'
import { invalidField, type RequestFields } from '../request-fields.ts'
import type { ParseNotes } from './parse-notes.ts'

export type ParsedOutput = Readonly<{ reasoning: Reasoning | null; responseFormat: ResponseFormat | null }>

export function parseOutput(body: RequestFields, notes: ParseNotes): ParsedOutput {
  const config = body.object('output_config')
  const effort = config?.word('effort', ['low', 'medium', 'high', 'xhigh', 'max']) ?? null
  if (effort !== null) notes.notePlace('reasoning', 'output_config.effort')
  // `output_format` is the field's name in its beta.
  const beta = body.object('output_format')
  const responseFormat = parseFormat(config?.object('format') ?? beta, notes)
  if (config !== null) notes.noteUnread(config)
  return { reasoning: parseThinking(body, effort, notes), responseFormat }
}

function parseFormat(format: RequestFields | null, notes: ParseNotes): ResponseFormat | null {
  if (format === null) return null
  if (format.word('type', ['json_schema']) === null) throw invalidField(format.nameOf('type'), 'is required')
  const schema = format.record('schema')
  if (schema === null) throw invalidField(format.nameOf('schema'), 'is required')
  notes.noteUnread(format)
  notes.notePlace('jsonSchema', format.path)
  return { kind: 'json-schema', name: 'answer', description: null, schema, isStrict: true }
}

function parseThinking(body: RequestFields, effort: Reasoning['effort'], notes: ParseNotes): Reasoning | null {
  const thinking = body.object('thinking')
  if (thinking === null) return effort === null ? null : { effort, budgetTokens: null, isShown: null }
  notes.notePlace('reasoning', 'thinking')
  const type = thinking.requireString('type')
  const display = thinking.string('display')
  const isShown = display === null ? null : display !== 'omitted'
  const budgetTokens = thinking.integer('budget_tokens', 1024)
  notes.noteUnread(thinking)
  switch (type) {
    case 'adaptive':
      return { effort, budgetTokens: null, isShown }
    case 'enabled':
      if (budgetTokens === null) throw invalidField('thinking.budget_tokens', 'is required')
      return { effort, budgetTokens, isShown }
    case 'disabled':
      return { effort: 'none', budgetTokens: null, isShown }
    default:
      // `between_tools`, and what comes after it.
      notes.unknown.push({ name: 'thinking.type', value: type })
      return null
  }
}
