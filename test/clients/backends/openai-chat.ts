// OpenAI's chat/completions, and those who speak the same: what they answer, to the byte.
// https://platform.openai.com/docs/api-reference/chat/object, …/chat-streaming
import type { Heard } from './heard.ts'
import { type OpenAiVendor, readChatRequest } from './openai-chat-request.ts'
import { joinText, type Said, type SaidError, type SaidPart, type SaidUsage } from './said.ts'
import { type ErrorAnswer, renderData, type Understood, type Wire } from './scripted-family.ts'

const id = 'chatcmpl-CzQ8r1sXn0pT2uVwYz3aBcDeFgHi'
const created = 1_780_000_000

/** `hasReasoning`: it says what it thought, in `reasoning_content`. */
export function understandChat(value: unknown, vendor: OpenAiVendor): Understood {
  const { model, heard } = readChatRequest(value, vendor)
  return { model, heard, wire: createChatWire(vendor) }
}

export function createChatWire(vendor: OpenAiVendor): Wire {
  return {
    streamMediaType: vendor === 'mistral' ? 'text/event-stream; charset=utf-8' : 'text/event-stream',
    renderAnswer: (said, model) => renderAnswer(said, model, vendor),
    renderStream: (said, model, heard) => renderStream(said, model, heard, vendor),
    renderStreamError: (error) => renderData(renderOpenAiError(error, null).body),
  }
}

export function renderOpenAiError(error: SaidError, param: string | null): ErrorAnswer {
  const { status, isTooLong = false } = error
  const [type, code] = describeError(error, param)
  const message = isTooLong ? tooLong : error.message
  return { status, body: { error: { message, type, param, code } } }
}

const tooLong =
  "This model's maximum context length is 128000 tokens. However, your messages resulted in 250000 tokens."

function describeError(
  { status, isTooLong = false }: SaidError,
  param: string | null,
): readonly [string, string | null] {
  if (isTooLong) return ['invalid_request_error', 'context_length_exceeded']
  if (status === 400) return ['invalid_request_error', param === null ? null : 'invalid_value']
  if (status === 401) return ['invalid_request_error', 'invalid_api_key']
  if (status === 404) return ['invalid_request_error', 'model_not_found']
  if (status === 429) return ['requests', 'rate_limit_exceeded']
  return ['server_error', status === 503 ? 'server_overloaded' : null]
}

function renderAnswer(said: Said, model: string, vendor: OpenAiVendor) {
  const choices = Array.from({ length: said.choices }, (_, index) => ({
    index,
    message: renderMessage(said, vendor),
    logprobs: said.hasLogprobs ? renderLogprobs(joinText(said)) : null,
    finish_reason: finishReasons[said.stop],
    // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html: which of the stops it was.
    ...(vendor === 'vllm' ? { stop_reason: said.stopSequence } : {}),
    ...(vendor === 'azure' ? { content_filter_results: safe } : {}),
  }))
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices,
    usage: renderUsage(said.usage),
    ...(vendor === 'mistral' ? {} : { service_tier: 'default', system_fingerprint: 'fp_44709d6fcb' }),
    ...(vendor === 'azure' ? { prompt_filter_results: [{ prompt_index: 0, content_filter_results: safe }] } : {}),
  }
}

const finishReasons = {
  stop: 'stop',
  length: 'length',
  calls: 'tool_calls',
  'stop-sequence': 'stop',
  filter: 'content_filter',
  refusal: 'stop',
} as const

const safe = { hate: { filtered: false, severity: 'safe' }, self_harm: { filtered: false, severity: 'safe' } }

function renderMessage(said: Said, vendor: OpenAiVendor) {
  const refusal = said.parts.flatMap((part) => (part.kind === 'refusal' ? [part.text] : []))[0] ?? null
  const calls = said.parts.flatMap((part) => (part.kind === 'call' ? [part] : []))
  // Mistral has no other word for them than the text.
  const written = `${joinText(said)}${vendor === 'mistral' ? (refusal ?? '') : ''}`
  const thought = said.parts.flatMap((part) => (part.kind === 'reasoning' ? part.pieces : [])).join('')
  return {
    role: 'assistant',
    content: vendor === 'mistral' && thought !== '' ? renderChunks(thought, written) : written === '' ? null : written,
    ...(vendor === 'vllm' ? { reasoning_content: thought === '' ? null : thought } : {}),
    ...(vendor === 'mistral' ? {} : { refusal, annotations: [] }),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map((call, index) => ({
            id: createCallId(index, vendor),
            type: 'function',
            function: { name: call.name, arguments: call.json.join('') || '{}' },
          })),
        }),
  }
}

/** https://docs.mistral.ai/capabilities/reasoning: thoughts are chunks of the content. */
function renderChunks(thought: string, written: string): readonly object[] {
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: thought }] }
  return written === '' ? [thinking] : [thinking, { type: 'text', text: written }]
}

function createCallId(index: number, vendor: OpenAiVendor): string {
  return vendor === 'mistral' ? `D681PevK${index}` : `call_CjIfWk8FGd2bQz7yTq3Xn5m${index}`
}

function renderUsage({ input, cached, output, reasoning }: SaidUsage) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

function renderLogprobs(token: string) {
  const bytes = [...Buffer.from(token)]
  const top = [
    { token, logprob: -0.125, bytes },
    { token: 'No', logprob: -2.5, bytes: [78, 111] },
  ]
  return { content: [{ token, logprob: -0.125, bytes, top_logprobs: top }], refusal: null }
}

function renderStream(said: Said, model: string, heard: Heard, vendor: OpenAiVendor): readonly string[] {
  const isAsked = heard.wantsUsage && vendor !== 'mistral'
  const frame = (choices: readonly unknown[], usage: SaidUsage | null = null) =>
    renderData({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      ...(vendor === 'mistral' ? {} : { service_tier: 'default', system_fingerprint: 'fp_44709d6fcb' }),
      choices,
      ...(usage !== null ? { usage: renderUsage(usage) } : isAsked ? { usage: null } : {}),
      ...(vendor === 'openai' ? { obfuscation: 'x7Yq2' } : {}),
    })
  const frames: string[] = []
  if (vendor === 'azure') {
    const prompt = [{ prompt_index: 0, content_filter_results: safe }]
    frames.push(renderData({ choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: prompt }))
  }
  const indexes = Array.from({ length: said.choices }, (_, index) => index)
  const delta = (index: number, delta: object, logprobs: unknown = null) =>
    frame([{ index, delta, logprobs, finish_reason: null }])
  for (const index of indexes)
    frames.push(delta(index, { role: 'assistant', content: '', ...(vendor === 'mistral' ? {} : { refusal: null }) }))
  let call = -1
  for (const part of said.parts) {
    if (part.kind === 'call') call++
    for (const one of listDeltas(part, call, vendor)) {
      const logprobs = said.hasLogprobs && part.kind === 'text' ? renderLogprobs(part.pieces[0] ?? '') : null
      for (const index of indexes) frames.push(delta(index, one, logprobs))
    }
  }
  for (const index of indexes) {
    const ended = {
      finish_reason: finishReasons[said.stop],
      ...(vendor === 'vllm' ? { stop_reason: said.stopSequence } : {}),
    }
    const last = [{ index, delta: {}, logprobs: null, ...ended }]
    // Mistral reports in its last chunk, unasked.
    frames.push(frame(last, vendor === 'mistral' && index === indexes.length - 1 ? said.usage : null))
  }
  if (isAsked) frames.push(frame([], said.usage))
  frames.push('data: [DONE]\n\n')
  return frames
}

function listDeltas(part: SaidPart, index: number, vendor: OpenAiVendor): readonly object[] {
  switch (part.kind) {
    case 'text':
      return part.pieces.map((content) => ({ content }))
    case 'refusal':
      return [vendor === 'mistral' ? { content: part.text } : { refusal: part.text }]
    case 'reasoning':
      if (vendor === 'mistral') return part.pieces.map((piece) => ({ content: renderChunks(piece, '') }))
      return vendor === 'vllm' ? part.pieces.map((piece) => ({ reasoning_content: piece })) : []
    case 'redacted':
      return []
    case 'call': {
      const head = { index, id: createCallId(index, vendor), type: 'function' }
      // Mistral sends a call in one piece.
      if (vendor === 'mistral') {
        return [{ tool_calls: [{ ...head, function: { name: part.name, arguments: part.json.join('') || '{}' } }] }]
      }
      return [
        { tool_calls: [{ ...head, function: { name: part.name, arguments: '' } }] },
        ...(part.json.length === 0 ? ['{}'] : part.json).map((piece) => ({
          tool_calls: [{ index, function: { arguments: piece } }],
        })),
      ]
    }
  }
}
