// Streams as OpenAI's API sends them, with text whose code points take 1 to 4 bytes: what tests replay through the gateway.
import { renderEvent } from '../support/http-bytes.ts'

/** 2-, 3- and 4-byte code points, a family joined by ZWJ, a combining mark, a flag. */
export const manyBytes = ['Grüße, ', '日本語 ', '🙂 ', '👩‍👩‍👧 ', 'e\u0301 ', '🇯🇵 ', '\u2028 ', 'naïve']

const usage = {
  prompt_tokens: 11,
  completion_tokens: 8,
  total_tokens: 19,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 2 },
}

export type GoldenStream = Readonly<{ path: string; events: readonly string[] }>

function chatChunk(delta: object, finish: string | null = null, rest: object = {}): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }]
  return renderEvent({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm1', choices, ...rest })
}

const chat: GoldenStream = {
  path: '/v1/chat/completions',
  events: [
    chatChunk({ role: 'assistant', content: '' }),
    ...manyBytes.map((content) => chatChunk({ content })),
    chatChunk({}, 'stop'),
    renderEvent({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm1', choices: [], usage }),
    renderEvent('[DONE]'),
  ],
}

const completions: GoldenStream = {
  path: '/v1/completions',
  events: [
    ...manyBytes.map((text) =>
      renderEvent({ id: 'cmpl-1', object: 'text_completion', choices: [{ index: 0, text, finish_reason: null }] }),
    ),
    renderEvent({ id: 'cmpl-1', object: 'text_completion', choices: [], usage }),
    renderEvent('[DONE]'),
  ],
}

function responseEvent(type: string, fields: object): string {
  return `event: ${type}\n${renderEvent({ type, ...fields })}`
}

const responses: GoldenStream = {
  path: '/v1/responses',
  events: [
    responseEvent('response.created', { sequence_number: 0, response: { id: 'resp_1', status: 'in_progress' } }),
    ...manyBytes.map((delta, at) =>
      responseEvent('response.output_text.delta', { sequence_number: at + 1, item_id: 'msg_1', delta }),
    ),
    responseEvent('response.completed', {
      sequence_number: 9,
      response: {
        id: 'resp_1',
        status: 'completed',
        usage: { input_tokens: 11, output_tokens: 8, input_tokens_details: { cached_tokens: 3 } },
      },
    }),
  ],
}

export const goldenStreams: Readonly<Record<'chat' | 'completions' | 'responses', GoldenStream>> = {
  chat,
  completions,
  responses,
}

/** A short chat stream without its end: `role`, two words. */
export const openingEvents: readonly string[] = chat.events.slice(0, 3)
