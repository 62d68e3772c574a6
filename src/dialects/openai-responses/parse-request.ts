// A request of the Responses API, whole: every field has its place here, or is named as unknown.
// https://platform.openai.com/docs/api-reference/responses/create
import type { Conversation, ParsedRequest, Reasoning, UnknownField } from '../../conversation/conversation.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { parseExactJson } from '../../wire/parse-exact-json.ts'
import { invalidField, RequestFields } from '../request-fields.ts'
import { ParamNames } from './param-names.ts'
import { parseInput } from './parse-input.ts'
import { parseTextOptions } from './parse-text-options.ts'
import { parseTools } from './parse-tools.ts'
import { refuseStoredFields } from './refuse-stored.ts'

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
const summaries = ['auto', 'concise', 'detailed'] as const

/** `bytes`: checked to be one JSON object. Throws GatewayError `invalid_request`, `unsupported_parameter`. */
export function parseRequest(bytes: Buffer): ParsedRequest {
  const value = parseExactJson(bytes.toString())
  if (!isRecord(value)) throw new GatewayError('invalid_json')
  const body = new RequestFields(value)
  const names = new ParamNames()
  refuseStoredFields(body)
  const endUser = parseEndUser(body, names)
  const known: Omit<Conversation, 'unknown'> = {
    model: body.string('model') ?? '',
    ...parseInput(body, names),
    ...parseTools(body, names),
    parallelToolCalls: body.boolean('parallel_tool_calls'),
    ...parseTextOptions(body),
    reasoning: parseReasoning(body, names),
    maxOutputTokens: body.integer('max_output_tokens', 1),
    temperature: body.number('temperature', 0, 2),
    topP: body.number('top_p', 0, 1),
    topK: null,
    frequencyPenalty: null,
    presencePenalty: null,
    seed: null,
    stop: [],
    choices: 1,
    logitBias: null,
    endUser: endUser.id,
    metadata: parseMetadata(body),
    serviceTier: body.string('service_tier'),
    promptCacheKey: body.string('prompt_cache_key'),
    isStream: body.boolean('stream') ?? false,
  }
  skipNeutral(body)
  const unknown = [...listStreamOptions(body), ...endUser.unknown, ...body.unread()]
  const hasSealedReasoning = names.isNoted('sealedReasoning')
  return {
    conversation: { ...known, unknown, hasSealedReasoning },
    wantsUsage: true,
    paramOf: names.paramOf,
    body: value,
  }
}

function parseReasoning(body: RequestFields, names: ParamNames): Reasoning | null {
  const fields = body.object('reasoning')
  if (fields === null) return null
  const effort = fields.word('effort', efforts)
  // The older name of the same thing.
  const generated = fields.word('generate_summary', summaries)
  const summary = fields.word('summary', summaries) ?? generated
  fields.skip('context', (value) => value === 'auto')
  fields.skip('mode', (value) => value === 'standard')
  fields.refuseUnread()
  if (effort === null && summary === null) return null
  names.note('reasoning', fields.nameOf(effort === null ? 'summary' : 'effort'))
  return { effort, budgetTokens: null, isShown: summary === null ? null : true }
}

/** `safety_identifier` replaces `user`; who still says another one there means something else by it. */
function parseEndUser(
  body: RequestFields,
  names: ParamNames,
): Readonly<{ id: string | null; unknown: readonly UnknownField[] }> {
  const user = body.string('user')
  const identifier = body.string('safety_identifier')
  if (identifier === null) return { id: user, unknown: [] }
  names.note('endUser', 'safety_identifier')
  return { id: identifier, unknown: user === null || user === identifier ? [] : [{ name: 'user', value: user }] }
}

function parseMetadata(body: RequestFields): Conversation['metadata'] {
  const entries = Object.entries(body.record('metadata') ?? {}).map(([name, text]): [string, string] => {
    if (typeof text !== 'string') throw invalidField(`metadata.${name}`, 'must be a string')
    return [name, text]
  })
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

/** Random padding of events is nothing that we have. */
function listStreamOptions(body: RequestFields): readonly UnknownField[] {
  const options = body.object('stream_options')
  options?.skip('include_obfuscation', (value) => value === false)
  return options?.unread() ?? []
}

/** Fields that say what would be so without them. That nothing is stored every answer says. */
function skipNeutral(body: RequestFields): void {
  body.skip('store', (value) => value === false)
  body.skip('truncation', (value) => value === 'disabled')
  // Nothing runs tools here but the client.
  body.skip('max_tool_calls', () => true)
}
