// B4, B8, B12: a translated stream, and one of Anthropic's own, that its backend cuts or leaves hanging ends with an error
// event in the caller's dialect and an aborted body; before its first event it is a JSON error. Compressed unasked, it is
// no answer.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { HttpBackendHandler } from '../support/http-backend.ts'
import { renderEvent } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { readMetric } from './fault-gateway.ts'
import { type RetryGateway, startRetryGateway } from './retry-gateway.ts'

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

const messages = {
  preamble: event('message_start', {
    message: { id: 'msg_1', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 3, output_tokens: 1 } },
  }),
  said:
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'half' } }),
}
const chat = {
  preamble: ': waiting\n\n',
  said: renderEvent({
    id: 'c',
    choices: [{ index: 0, delta: { role: 'assistant', content: 'half' }, finish_reason: null }],
  }),
}

const lastWords = {
  chat: /\ndata: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":"(upstream_\w+)"\}\}\n\n$/,
  messages:
    /\nevent: error\ndata: \{"type":"error","error":\{"type":"\w+","message":"[^"]+","code":"(upstream_\w+)"\}.*\}\n\n$/,
  responses: /\nevent: (?:error|response\.failed)\ndata: \{.*"code":"(upstream_\w+)".*\}\n\n$/,
}

const ways = [
  ['messages over Anthropic', 'Anthropic', '/v1/messages', messages, lastWords.messages],
  ['chat over Anthropic', 'Anthropic', '/v1/chat/completions', messages, lastWords.chat],
  ['responses over Anthropic', 'Anthropic', '/v1/responses', messages, lastWords.responses],
  ['messages over OpenAI’s chat', 'OpenAI', '/v1/messages', chat, lastWords.messages],
] as const

type Ending = (response: Parameters<HttpBackendHandler>[1]) => void
const endings: readonly (readonly [string, Ending, string, string])[] = [
  ['cut by FIN', (response) => void response.end(), 'upstream_incomplete', 'incomplete'],
  ['cut by RST', (response) => void response.socket?.resetAndDestroy(), 'upstream_incomplete', 'incomplete'],
  ['left hanging', () => {}, 'upstream_timeout', 'timeout'],
]

describe.each(ways)('%s', (_, modelProvider, path, { preamble, said }, words) => {
  const isResponses = path === '/v1/responses'
  const fields = isResponses ? { stream: true, input: 'hi', messages: undefined } : { stream: true, max_tokens: 10 }

  function start(pieces: readonly string[], end: Ending, headers = {}): Promise<RetryGateway> {
    const target: HttpBackendHandler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...headers })
      const [last = '', ...before] = pieces.toReversed()
      for (const piece of before.reverse()) response.write(piece)
      response.write(last, () => setTimeout(() => end(response), 50))
    }
    return startRetryGateway({
      targets: [target],
      models: [{ modelProvider }],
      retry: { attempts: 0 },
      route: { timeouts: { idle: '300ms' } },
    })
  }

  test.each(endings)('B4, B8: %s after its first words', async (_name, end, code, outcome) => {
    const gateway = await start([preamble, said], end)
    const response = await gateway.ask(fields, { path })
    expect(response.status).toBe(200)
    let text = ''
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
    })()
    await expect(reading).rejects.toThrow()
    expect(text).toContain('half')
    expect(words.exec(text)?.[1]).toBe(code)
    expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed/)
    await until(
      async () => (await readMetric(gateway, 'sluice_stream_outcomes_total', { outcome })) === 1,
      'the stream is counted',
    )
  })

  test.each(endings)('B4, B8: %s before its first words: a JSON error', async (_name, end, code) => {
    const gateway = await start([preamble], end)
    const response = await gateway.ask(fields, { path })
    const body: unknown = await response.json()
    expect([response.status, body]).toMatchObject([code === 'upstream_timeout' ? 504 : 502, { error: { code } }])
  })

  test('B12: compressed unasked', async () => {
    const gateway = await startRetryGateway({
      targets: [
        (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
          response.end(gzipSync(preamble + said))
        },
      ],
      models: [{ modelProvider }],
    })
    const response = await gateway.ask(fields, { path })
    expect([response.status, await response.json()]).toMatchObject([
      502,
      { error: { code: 'upstream_invalid_response' } },
    ])
  })
})
