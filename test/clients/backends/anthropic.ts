// Anthropic's Messages API: what it answers, to the byte. https://docs.claude.com/en/api/messages-streaming
import { readCountRequest, readMessagesRequest } from './anthropic-request.ts'
import { countSet, fail } from './read-strictly.ts'
import type { Said, SaidError, SaidPart, SaidUsage } from './said.ts'
import { type BackendRequest, renderNamed, type ScriptedFamily, type Understood, type Wire } from './scripted-family.ts'

const id = 'msg_01XFDUDYJgAACzvnptvVoYEL'
const requestId = 'req_011CSHoEeqs5C35K2UUqR7Fy'

/** `key`: the one that must come in `x-api-key`. */
export function createAnthropic(key: string): ScriptedFamily {
  return {
    checkCredential({ headers }) {
      if (headers.authorization !== undefined) return 'authorization beside x-api-key'
      return headers['x-api-key'] === key ? null : 'invalid x-api-key'
    },
    read,
    renderError: (error) => {
      const { status, body } = renderError(error)
      return { status, body, headers: { 'request-id': requestId } }
    },
  }
}

function read({ url, headers, json }: BackendRequest): Understood {
  const version = String(headers['anthropic-version'])
  if (!/^(2023-06-01|2026-10-21)$/.test(version)) fail('anthropic-version', `header is required, not ${version}`)
  if (url === '/v1/messages/count_tokens') return { ...readCountRequest(json), wire: countWire }
  if (url !== '/v1/messages') fail('', `Not Found: ${url}`)
  const understood = { ...readMessagesRequest(json), wire: anthropicWire }
  const { temperature, topP, topK } = understood.heard
  // The second version took sampling away.
  if (version !== '2023-06-01' && countSet(temperature, topP, topK) > 0) {
    fail(topK !== null ? 'top_k' : topP !== null ? 'top_p' : 'temperature', 'is not supported')
  }
  return understood
}

const countWire: Wire = {
  streamMediaType: 'text/event-stream',
  renderAnswer: () => ({ input_tokens: 14 }),
  renderStream: () => fail('stream', 'is not offered'),
  renderStreamError: () => fail('stream', 'is not offered'),
}

export const anthropicWire: Wire = {
  streamMediaType: 'text/event-stream; charset=utf-8',
  renderAnswer: (said, model) => ({
    model,
    id,
    type: 'message',
    role: 'assistant',
    content: said.parts.map((part, index) => renderBlock(part, index)),
    stop_reason: stopReasons[said.stop],
    stop_sequence: said.stopSequence,
    stop_details: said.stop === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
    usage: renderUsage(said.usage, said.usage.output),
  }),
  renderStream,
  renderStreamError: (error) => renderNamed('error', renderError(error).body),
}

const stopReasons = {
  stop: 'end_turn',
  length: 'max_tokens',
  calls: 'tool_use',
  'stop-sequence': 'stop_sequence',
  filter: 'refusal',
  refusal: 'refusal',
} as const

function renderBlock(part: SaidPart, index: number): object {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.pieces.join('') }
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return { type: 'thinking', thinking: part.pieces.join(''), signature: part.signature ?? '' }
    case 'redacted':
      return { type: 'redacted_thinking', data: part.data }
    case 'call':
      return {
        type: 'tool_use',
        id: createUseId(index),
        name: part.name,
        input: JSON.parse(part.json.join('') || '{}'),
      }
  }
}

function createUseId(index: number): string {
  return `toolu_01T1x1fJ34qAmk2tNTrN7Up${index}`
}

/** `input_tokens` is what neither came from the cache nor went into it. */
function renderUsage({ input, cached, cacheWrite, reasoning }: SaidUsage, output: number) {
  return {
    input_tokens: input - cached - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    ...(reasoning > 0 ? { output_tokens_details: { thinking_tokens: reasoning } } : {}),
    service_tier: 'standard',
  }
}

function renderStream(said: Said, model: string): readonly string[] {
  const { usage } = said
  const event = (type: string, fields: object = {}) => renderNamed(type, { type, ...fields })
  const start = {
    model,
    id,
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: renderUsage({ ...usage, reasoning: 0 }, 1),
  }
  const frames = [event('message_start', { message: start })]
  for (const [index, part] of said.parts.entries()) {
    frames.push(event('content_block_start', { index, content_block: renderEmptyBlock(part, index) }))
    if (index === 0) frames.push(event('ping'))
    for (const delta of listDeltas(part)) frames.push(event('content_block_delta', { index, delta }))
    frames.push(event('content_block_stop', { index }))
  }
  const delta = { stop_reason: stopReasons[said.stop], stop_sequence: said.stopSequence }
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = renderUsage(usage, usage.output)
  const last = {
    delta,
    usage: {
      input_tokens,
      cache_creation_input_tokens,
      cache_read_input_tokens,
      output_tokens: usage.output,
      ...(usage.reasoning > 0 ? { output_tokens_details: { thinking_tokens: usage.reasoning } } : {}),
    },
  }
  return [...frames, event('message_delta', last), event('message_stop')]
}

function renderEmptyBlock(part: SaidPart, index: number): object {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: '' }
    case 'reasoning':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'redacted':
      return renderBlock(part, index)
    case 'call':
      return { type: 'tool_use', id: createUseId(index), name: part.name, input: {} }
  }
}

function listDeltas(part: SaidPart): readonly object[] {
  switch (part.kind) {
    case 'text':
      return part.pieces.map((piece) => ({ type: 'text_delta', text: piece }))
    case 'refusal':
      return [{ type: 'text_delta', text: part.text }]
    case 'reasoning':
      return [
        ...part.pieces.map((piece) => ({ type: 'thinking_delta', thinking: piece })),
        { type: 'signature_delta', signature: part.signature ?? '' },
      ]
    case 'redacted':
      return []
    case 'call':
      return ['', ...part.json].map((piece) => ({ type: 'input_json_delta', partial_json: piece }))
  }
}

const errorTypes = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'api_error',
} as const

function renderError({ status, isOverloaded = false, isTooLong = false, message: said }: SaidError) {
  const message = isTooLong ? 'prompt is too long: 250000 tokens > 200000 maximum' : said
  const type = isOverloaded ? 'overloaded_error' : errorTypes[status]
  return {
    status: isOverloaded ? 529 : status,
    body: { type: 'error', error: { type, message }, request_id: requestId },
  }
}
