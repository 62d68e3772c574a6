// E8: a stream that is metered is asked for its usage where the client has not asked, and the client sees none of it;
// where nobody meters, or the provider can't be asked, every byte passes as it came, both ways.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { renderEvent, renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw, type RawResponse } from '../support/raw-client.ts'
import { readLogLine } from './fault-gateway.ts'
import { meteredAuthorization, readTokensUsed, renderMeteredModel, startMeteredGateway } from './metered-gateway.ts'

const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }
const text = Array.from({ length: 5 }, (_, at) =>
  renderEvent({ choices: [{ delta: { content: ` w${at}` } }], usage: null }),
)
const usageEvent = renderEvent({ choices: [], usage })
const done = renderEvent('[DONE]')
/** What the backend sends whatever it is asked: what is hidden is what shows whether we asked. */
const whole = [...text, usageEvent, done].join('')
const withoutUsage = [...text, done].join('')

const asking = '"stream_options":{"include_usage":true}'

let backend: HttpBackend
/** Cuts every connection. */
let dead: HttpBackend
/** Limited in tokens. */
let limited: TestGateway
/** Limited in requests only; has a priced model `priced`, and routes from a priced to an unpriced one and back. */
let open: TestGateway

const pool = (path: string, first: string, second: string) =>
  JSON.stringify({
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name: path },
    spec: {
      path: `/${path}`,
      backends: [{ modelRef: { name: first } }, { modelRef: { name: second }, priority: 1 }],
      retry: { attempts: 1, conditions: ['reset-before-first-byte'] },
    },
  })

beforeAll(async () => {
  backend = await createHttpBackend(async (request, response) => {
    if (request.text.includes('"refuse":true')) return json(400, { error: {} })(request, response)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (request.text.includes('cut me')) {
      response.write(text.join(''), () => response.destroy())
      return
    }
    if (request.text.includes('break me')) {
      response.write(text.join('') + usageEvent, () => response.destroy())
      return
    }
    if (request.text.includes('byte by byte')) {
      for (const byte of Buffer.from(whole)) {
        response.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      response.end()
      return
    }
    response.end(whole)
  })
  dead = await createHttpBackend((_request, response) => void response.destroy())
  const { url } = backend
  const pricing = { currency: 'USD', input: '1000000', output: '2000000' }
  limited = await startMeteredGateway({
    endpoint: url,
    consumer: { rateLimit: { tokensPerDay: 1_000_000_000 } },
    model: { upstreamModel: 'up', parameters: { temperature: 0.5 } },
    extra: ['Mistral', 'OpenRouter']
      .map((name) => renderMeteredModel(name.toLowerCase(), url, { modelProvider: name }))
      .join('\n---\n'),
  })
  open = await startMeteredGateway({
    endpoint: url,
    consumer: { rateLimit: { requestsPerDay: 1_000_000 } },
    extra: [
      renderMeteredModel('priced', url, { pricing }),
      renderMeteredModel('down', dead.url, {}),
      renderMeteredModel('priced-down', dead.url, { pricing }),
      pool('to-priced', 'down', 'priced'),
      pool('to-unpriced', 'priced-down', 'm1'),
    ].join('\n---\n'),
  })
})
afterAll(async () => {
  await limited.stop()
  await open.stop()
  await backend.close()
  await dead.close()
})

type Sent = Readonly<{ response: RawResponse; bodies: readonly string[]; line: Record<string, unknown> }>

/** Sends a body and returns the answer, what reached the dead backend and the other, and the log line. */
async function send(gateway: TestGateway, body: string, path = '/v1/chat/completions'): Promise<Sent> {
  const id = randomUUID()
  const headers = { authorization: meteredAuthorization, 'content-type': 'application/json', 'x-request-id': id }
  const seen = [dead, backend].map(({ requests }) => requests.length)
  const response = await exchangeRaw(gateway.port, renderRequest('POST', path, headers, body))
  const line = await readLogLine(gateway, id)
  const bodies = [dead, backend].flatMap(({ requests }, at) => requests.slice(seen[at]).map((request) => request.text))
  return { response, bodies, line }
}

describe('E8 of a route that is limited in tokens', () => {
  const front = '"model":"up","temperature":0.5,'

  test.each([
    ['absent', '{"stream":true}', `{${front}${asking},"stream":true}`],
    ['null', '{"stream_options":null,"stream":true}', `{${front}${asking},"stream":true}`],
    [
      'empty',
      '{"stream": true,"stream_options":{ }}',
      `{${front}"stream": true,"stream_options":{"include_usage":true }}`,
    ],
    ['false', '{"stream":true,"stream_options":{"include_usage":false}}', `{${front}"stream":true,${asking}}`],
    [
      'others',
      '{"stream_options":{"a":1.0},"stream":true}',
      `{${front}"stream_options":{"include_usage":true,"a":1.0},"stream":true}`,
    ],
  ])('stream_options %s: asked, and the usage is hidden', async (_, body, forwarded) => {
    const { response, bodies, line } = await send(limited, body, '/v1/m1/chat/completions')
    expect(bodies).toEqual([forwarded])
    expect(response.isComplete).toBe(true)
    expect(response.text).toBe(withoutUsage)
    expect(line).toMatchObject({ stream: 'complete', inputTokens: 11, outputTokens: 7, bytesOut: withoutUsage.length })
    expect(line).not.toHaveProperty('usageEstimated')
  })

  test.each([
    [
      'behind it',
      '{"model":"m1", "stream_options":{},"stream":true}',
      `{"temperature":0.5,"model":"up", ${asking},"stream":true}`,
    ],
    [
      'before it',
      '{"stream_options":null,"stream":true,"model":"m1"}',
      `{"temperature":0.5,${asking},"stream":true,"model":"up"}`,
    ],
  ])('with the model %s', async (_, body, forwarded) => {
    expect((await send(limited, body)).bodies).toEqual([forwarded])
  })

  test('the legacy completions too', async () => {
    const { response, bodies } = await send(limited, '{"stream":true}', '/v1/m1/completions')
    expect(bodies).toEqual([`{${front}${asking},"stream":true}`])
    expect(response.text).toBe(withoutUsage)
  })

  test('a client that asks itself gets what it asked for', async () => {
    const { response, bodies, line } = await send(limited, `{"stream":true,${asking}}`, '/v1/m1/chat/completions')
    expect(bodies).toEqual([`{${front}"stream":true,${asking}}`])
    expect(response.text).toBe(whole)
    expect(line).toMatchObject({ inputTokens: 11, outputTokens: 7 })
  })

  test.each([
    ['no stream', '{"stream":false}', 'chat/completions'],
    ['nothing said of streams', '{"stream_options":{}}', 'chat/completions'],
    ['options that are no object', '{"stream":true,"stream_options":"x"}', 'chat/completions'],
    ['the Responses API', '{"stream":true}', 'responses'],
    ['embeddings', '{"stream":true}', 'embeddings'],
  ])('%s: not asked', async (_, body, operation) => {
    const { bodies } = await send(limited, body, `/v1/m1/${operation}`)
    expect(bodies).toHaveLength(1)
    expect(bodies[0]?.endsWith(body.slice(1))).toBe(true)
    expect(bodies[0]).not.toContain('include_usage')
  })

  test.each([
    `{"model":"m1","stream":true,"stream_options":{},${asking}}`,
    `{"model":"m1","stream":true,"stream_options":null,"stream_o\\u0070tions":null}`,
    `{"model":"m1","stream":true,"Stream_Options":{"include_usage":false}}`,
  ])('two of them, or one that only some servers read: refused: %s', async (body) => {
    const { response, bodies } = await send(limited, body)
    expect(response.status).toBe(400)
    expect(response.json()).toMatchObject({ error: { code: 'invalid_request', param: 'stream_options' } })
    expect(bodies).toEqual([])
  })

  test('charged is what was reported, asked by whomever', async () => {
    const before = await readTokensUsed(limited)
    await send(limited, '{"model":"m1","stream":true}')
    await send(limited, `{"model":"m1","stream":true,${asking}}`)
    expect((await readTokensUsed(limited)) - before).toBe(2 * usage.total_tokens)
  })

  test('a stream cut before its usage is charged what was streamed', async () => {
    const before = await readTokensUsed(limited)
    const body = '{"model":"m1","stream":true,"messages":[{"role":"user","content":"cut me"}]}'
    const { response, bodies, line } = await send(limited, body)
    expect(bodies[0]).toContain(asking)
    expect(response.text.startsWith(text.join(''))).toBe(true)
    expect(response.text).not.toContain('[DONE]')
    const inputTokens = Math.ceil(body.length / 3)
    expect(line).toMatchObject({ stream: 'incomplete', inputTokens, outputTokens: text.length, usageEstimated: true })
    expect((await readTokensUsed(limited)) - before).toBe(inputTokens + text.length)
  })

  test('a stream that breaks behind its usage is charged what was reported', async () => {
    const before = await readTokensUsed(limited)
    const body = '{"model":"m1","stream":true,"user":"break me"}'
    const { response, line } = await send(limited, body)
    expect(response.text.startsWith(text.join(''))).toBe(true)
    expect(response.text).not.toContain('prompt_tokens')
    expect(line).toMatchObject({ stream: 'incomplete', inputTokens: 11, outputTokens: 7 })
    expect((await readTokensUsed(limited)) - before).toBe(usage.total_tokens)
  })

  test('a stream that comes byte by byte', async () => {
    const { response, line } = await send(limited, '{"model":"m1","stream":true,"user":"byte by byte"}')
    expect(response.text).toBe(withoutUsage)
    expect(line).toMatchObject({ stream: 'complete', inputTokens: 11, outputTokens: 7 })
  })

  test.each([
    ['refuses the field', 'mistral'],
    ['reports always', 'openrouter'],
  ])('a provider that %s is not asked, and what it reports by itself passes', async (_, model) => {
    const body = `{"stream":true,"model":"${model}"}`
    const { response, bodies, line } = await send(limited, body)
    expect(bodies).toEqual([body])
    expect(response.text).toBe(whole)
    expect(line).toMatchObject({ inputTokens: 11, outputTokens: 7 })
  })
})

describe('E8 without a limit of tokens or money', () => {
  test.each([
    ' { "stream":true ,"model":"m1"}',
    '{"model":"m1","stream":true,"stream_options":{ "include_usage" : false}}',
    '{"model":"m1","stream":true,"stream_options":null}',
    `{"model":"m1","stream":true,${asking}}`,
  ])('every byte passes as it came: %s', async (body) => {
    const { response, bodies } = await send(open, body)
    expect(bodies).toEqual([body])
    expect(response.text).toBe(whole)
  })

  test('a priced target is asked, and its cost is exact', async () => {
    const { response, bodies, line } = await send(open, '{"model":"priced","stream":true}')
    expect(bodies).toEqual([`{${asking},"model":"priced","stream":true}`])
    expect(response.text).toBe(withoutUsage)
    expect(line).toMatchObject({ inputTokens: 11, outputTokens: 7, cost: '25', currency: 'USD' })
  })

  test('from an unpriced target to a priced one: the second is asked, and hidden is what it was asked for', async () => {
    const { response, bodies, line } = await send(open, '{"stream":true}', '/to-priced/chat/completions')
    expect(bodies).toEqual(['{"model":"down","stream":true}', `{"model":"priced",${asking},"stream":true}`])
    expect(response.text).toBe(withoutUsage)
    expect(line).toMatchObject({ attempts: 2, cost: '25' })
  })

  test('from a priced target to an unpriced one: what the second reports unasked stays', async () => {
    const { response, bodies, line } = await send(open, '{"stream":true}', '/to-unpriced/chat/completions')
    expect(bodies).toEqual([`{"model":"priced-down",${asking},"stream":true}`, '{"model":"m1","stream":true}'])
    expect(response.text).toBe(whole)
    expect(line).toMatchObject({ attempts: 2, inputTokens: 11, outputTokens: 7 })
  })
})
