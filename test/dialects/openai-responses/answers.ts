// Answers as decoders tell them, one for each thing an answer can be; and what a request to render them for looks like.
import type { AnswerEvent, TokenLogprob } from '../../../src/conversation/answer-event.ts'
import type { RenderContext } from '../../../src/dialects/conversation-api.ts'
import { openAiResponses } from '../../../src/dialects/openai-responses/openai-responses.ts'

export function createContext(request: Readonly<Record<string, unknown>> = {}): RenderContext {
  const body = Buffer.from(JSON.stringify({ model: 'claude', input: 'Hi', ...request }))
  return { request: openAiResponses.parse(body), seed: 'abc123', createdSeconds: 1_790_000_000 }
}

const choice = 0
const start: AnswerEvent = { type: 'start', id: 'msg_1', model: 'claude-1', createdSeconds: null }
const partEnd: AnswerEvent = { type: 'part-end', choice }
const usage: AnswerEvent = {
  type: 'usage',
  usage: { input: 20, output: 12, cachedInput: 8, cacheWriteInput: 4, reasoning: 5 },
}
const end: AnswerEvent = { type: 'end' }
const text = (said: string): AnswerEvent => ({ type: 'text', choice, text: said })
const reasoning = (said: string): AnswerEvent => ({ type: 'reasoning', choice, text: said })
const json = (call: number, said: string): AnswerEvent => ({ type: 'tool-arguments', choice, call, json: said })
const toolCall = (call: number, name: string, signature: string | null = null): AnswerEvent => ({
  type: 'tool-call',
  choice,
  call,
  id: `call_${call}`,
  name,
  signature,
})
const stop = (reason: Extract<AnswerEvent, { type: 'stop' }>['reason']): AnswerEvent => ({
  type: 'stop',
  choice,
  reason,
  stopSequence: null,
})
const logprob: TokenLogprob = {
  token: 'Hel',
  logprob: -0.5,
  bytes: [72, 101, 108],
  top: [{ token: 'Hel', logprob: -0.5, bytes: null }],
}

const whole = (...events: readonly AnswerEvent[]): readonly AnswerEvent[] => [start, ...events, usage, end]

export const answers: Readonly<Record<string, readonly AnswerEvent[]>> = {
  text: whole(text('Hel'), text('lo "you"\n'), partEnd, stop('stop')),
  'two texts': whole(text('One.'), partEnd, text('Two.'), partEnd, stop('stop')),
  nothing: whole(stop('stop')),
  'an empty delta first': whole(text(''), toolCall(0, 'look'), json(0, '{}'), stop('tool-calls')),
  refusal: whole({ type: 'refusal', choice, text: 'I ' }, { type: 'refusal', choice, text: "can't." }, stop('refusal')),
  'text, then a refusal': whole(text('Well.'), { type: 'refusal', choice, text: 'No.' }, stop('refusal')),
  'cut by its limit': whole(text('Once upon'), partEnd, stop('length')),
  filtered: whole(text('Once'), stop('content-filter')),
  'reasoning, text': whole(
    reasoning('Let me '),
    reasoning('think.'),
    { type: 'reasoning-signature', choice, signature: 'sig=' },
    partEnd,
    text('Done.'),
    stop('stop'),
  ),
  'reasoning that is hidden': whole(
    { type: 'redacted-reasoning', choice, data: 'ENC' },
    partEnd,
    { type: 'reasoning-signature', choice, signature: 'only' },
    partEnd,
    reasoning('And.'),
    text('Done.'),
    stop('stop'),
  ),
  'calls in a row': whole(
    text('Looking.'),
    partEnd,
    toolCall(0, 'weather'),
    json(0, '{"city":'),
    json(0, '"Rome"}'),
    partEnd,
    toolCall(1, 'time'),
    partEnd,
    stop('tool-calls'),
  ),
  'calls interleaved': whole(
    toolCall(0, 'weather'),
    toolCall(1, 'weather'),
    json(1, '{"city":'),
    json(0, '{"city":'),
    json(0, '"Rome"}'),
    json(1, '"Bonn"}'),
    stop('tool-calls'),
  ),
  'a call cut by the limit': whole(toolCall(0, 'weather'), json(0, '{"ci'), stop('length')),
  'a signed call': whole(reasoning('Hm.'), toolCall(0, 'weather', 'gem=='), json(0, '{}'), stop('tool-calls')),
  'text after a call': whole(toolCall(0, 'note'), json(0, '{"a":1}'), text('Noted.'), stop('stop')),
  'log probabilities': whole(
    text('Hel'),
    { type: 'logprobs', choice, content: [logprob] },
    text('lo'),
    { type: 'logprobs', choice, content: [{ ...logprob, token: 'lo', top: [] }] },
    stop('stop'),
  ),
}
