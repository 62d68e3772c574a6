// Cohere's v2 chat: what it answers, to the byte. https://docs.cohere.com/reference/chat-stream
import { readCohereRequest } from './cohere-request.ts'
import { fail } from './read-strictly.ts'
import { joinText, type Said, type SaidPart, type SaidUsage } from './said.ts'
import { renderNamed, type ScriptedFamily, type Wire } from './scripted-family.ts'

export function createCohere(key: string): ScriptedFamily {
  return {
    checkCredential({ headers }) {
      if (headers['x-api-key'] !== undefined || headers['api-key'] !== undefined) return 'a second credential'
      return headers.authorization === `Bearer ${key}` ? null : 'invalid api token'
    },
    read({ url, json }) {
      if (url !== '/v2/chat') fail('', `not found: ${url}`)
      return { ...readCohereRequest(json), wire: cohereWire }
    },
    renderError: ({ status, isTooLong = false, message }) => ({
      status,
      body: { id, message: isTooLong ? tooLong : message },
    }),
  }
}

const id = 'c14c80c3-18eb-4519-9460-6c92edd8cfb4'

const tooLong =
  'too many tokens: total number of tokens in the prompt cannot exceed 256000 - received 300000. Try using a shorter prompt.'

export const cohereWire: Wire = {
  streamMediaType: 'text/event-stream',
  renderAnswer: (said) => ({
    id,
    message: renderMessage(said),
    finish_reason: finishReasons[said.stop],
    usage: renderUsage(said.usage),
    ...(said.hasLogprobs ? { logprobs: [renderLogprob(joinText(said))] } : {}),
  }),
  renderStream,
  // Inside a stream it ends the answer with a reason.
  renderStreamError: ({ message }) =>
    renderNamed('message-end', {
      type: 'message-end',
      id,
      delta: { error: message, finish_reason: 'ERROR', usage: { billed_units: {}, tokens: {} } },
    }),
}

const finishReasons = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  calls: 'TOOL_CALL',
  'stop-sequence': 'STOP_SEQUENCE',
  filter: 'ERROR_TOXIC',
  refusal: 'COMPLETE',
} as const

function renderUsage({ input, cached, output }: SaidUsage) {
  return {
    billed_units: { input_tokens: input - 5, output_tokens: output },
    tokens: { input_tokens: input, output_tokens: output },
    cached_tokens: cached,
  }
}

function renderLogprob(token: string) {
  return { text: token, token_ids: [13], logprobs: [-0.125] }
}

function createCallId(name: string, index: number): string {
  return `${name}_b1xpnf4xrz0${index}`
}

/** With calls, what is said before them is the plan. */
function renderMessage(said: Said) {
  const calls = said.parts.flatMap((part) => (part.kind === 'call' ? [part] : []))
  const plan = calls.length > 0 ? joinText(said) : ''
  const content = said.parts.flatMap((part): readonly object[] => {
    if (part.kind === 'reasoning') return [{ type: 'thinking', thinking: part.pieces.join('') }]
    if (part.kind === 'refusal') return [{ type: 'text', text: part.text }]
    return part.kind === 'text' && calls.length === 0 ? [{ type: 'text', text: part.pieces.join('') }] : []
  })
  return {
    role: 'assistant',
    ...(content.length > 0 ? { content } : {}),
    ...(plan === '' ? {} : { tool_plan: plan }),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map(({ name, json }, index) => ({
            id: createCallId(name, index),
            type: 'function',
            function: { name, arguments: json.join('') || '{}' },
          })),
        }),
  }
}

function renderStream(said: Said): readonly string[] {
  const hasCalls = said.parts.some(({ kind }) => kind === 'call')
  const event = (type: string, fields: object) => renderNamed(type, { type, ...fields })
  const inMessage = (type: string, index: number, message: object) => event(type, { index, delta: { message } })
  const start = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  const frames = [event('message-start', { id, delta: { message: start } })]
  let calls = 0
  for (const [index, part] of said.parts.entries()) {
    if (part.kind === 'redacted') continue
    if (part.kind === 'call') {
      const at = calls++
      const head = { id: createCallId(part.name, at), type: 'function', function: { name: part.name, arguments: '' } }
      frames.push(inMessage('tool-call-start', at, { tool_calls: head }))
      for (const piece of part.json.length === 0 ? ['{}'] : part.json) {
        frames.push(inMessage('tool-call-delta', at, { tool_calls: { function: { arguments: piece } } }))
      }
      frames.push(event('tool-call-end', { index: at }))
    } else if (part.kind === 'text' && hasCalls) {
      for (const piece of part.pieces) {
        frames.push(event('tool-plan-delta', { delta: { message: { tool_plan: piece } } }))
      }
    } else {
      const type = part.kind === 'reasoning' ? 'thinking' : 'text'
      frames.push(inMessage('content-start', index, { content: { type, [type]: '' } }))
      for (const piece of listPieces(part))
        frames.push(inMessage('content-delta', index, { content: { [type]: piece } }))
      frames.push(event('content-end', { index }))
    }
  }
  const delta = { finish_reason: finishReasons[said.stop], usage: renderUsage(said.usage) }
  return [...frames, event('message-end', { id, delta }), 'data: [DONE]\n\n']
}

function listPieces(part: SaidPart): readonly string[] {
  if (part.kind === 'refusal') return [part.text]
  return part.kind === 'text' || part.kind === 'reasoning' ? part.pieces : []
}
