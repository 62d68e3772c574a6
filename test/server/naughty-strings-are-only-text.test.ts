// C11: whatever text stands in a key, a model name, a path, a query, a header, a prompt or a manifest, it is text: the
// answer is what it would be for any other wrong value (400, 401, 404), never a 5xx, and the next request is served.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testKey } from '../support/gateway.ts'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { createFaultGateway, type FaultGateway, renderChat, startFaultGateway } from './fault-gateway.ts'
import { naughtyStrings } from './naughty-strings.ts'

const megabyte = 'x'.repeat(1_000_000)

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { choices: [] })),
  })
}, 60_000)
afterAll(() => gateway.stop())

/** Every free text of our kinds. JSON is YAML. */
function renderObjects(text: string, at: number, url: string): readonly string[] {
  const metadata = { name: `naughty-${at}`, annotations: { note: text } }
  const ai = (kind: string, spec: object) => JSON.stringify({ apiVersion: 'ai.example.com/v1', kind, metadata, spec })
  const secretRef = { name: text, key: text }
  return [
    ai('AIModel', { modelName: text, modelProvider: 'Custom', modelType: 'LLM', endpoint: `${url}/v1` }),
    ai('AIGatewayRoute', { path: `/naughty/${text}`, targetService: text, hostnames: [text], modelName: text }),
    ai('AIAuthPolicy', {
      apiKeys: [{ consumer: text, secretRef }],
      consumers: [{ name: text, models: [text] }],
      targetRefs: [{ kind: 'AIModel', name: text }],
    }),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, name: text },
      stringData: { [text]: text },
    }),
  ].map((line) => `${line}\n`)
}

const json = 'content-type: application/json'
const auth = `authorization: Bearer ${testKey}`

async function send(method: string, target: string, headers: readonly string[], body = ''): Promise<number> {
  const bytes = Buffer.from(body)
  const head = [`${method} ${target} HTTP/1.1`, 'host: a', ...headers, `content-length: ${bytes.length}`, '', ''].join(
    '\r\n',
  )
  // Header text goes out as its UTF-8 bytes, line breaks and all.
  return (await exchangeRaw(gateway.port, Buffer.concat([Buffer.from(head), bytes]))).status
}

const chat = (model: unknown) => JSON.stringify({ model, messages: [] })

/** Where a text goes, and what may come of it. */
const fields: Readonly<
  Record<string, readonly [send: (text: string) => Promise<number>, statuses: readonly number[]]>
> = {
  // 431: the megabyte. 200: a prefix of white space is none of the value.
  authorization: [
    (text) => send('POST', '/v1/chat/completions', [`authorization: ${text}`, json], chat('m1')),
    [400, 401, 431],
  ],
  'bearer token': [
    (text) => send('POST', '/v1/chat/completions', [`authorization: Bearer ${text}`, json], chat('m1')),
    [400, 401, 431],
  ],
  'x-api-key': [
    (text) => send('POST', '/v1/m1/chat/completions', [`x-api-key: ${text}`, json], chat('m1')),
    [400, 401, 431],
  ],
  'content type': [
    (text) => send('POST', '/v1/chat/completions', [auth, `content-type: ${text}`], chat('m1')),
    [400, 415, 431],
  ],
  host: [(text) => send('GET', '/v1/models', [`host: ${text}`, auth]), [400, 431]],
  'request id': [(text) => send('GET', '/v1/models', [auth, `x-request-id: ${text}`]), [200, 400, 431]],
  'another header': [(text) => send('GET', '/v1/models', [auth, `x-anything: ${text}`]), [200, 400, 431]],
  'model in the body': [(text) => send('POST', '/v1/chat/completions', [auth, json], chat(text)), [400, 404]],
  'a name in the body': [
    (text) => send('POST', '/v1/chat/completions', [auth, json], `{"model":"m1",${JSON.stringify(text)}:1}`),
    [200, 400],
  ],
  'a prompt': [
    (text) =>
      send(
        'POST',
        '/v1/chat/completions',
        [auth, json],
        JSON.stringify({ model: 'm1', messages: [{ role: text, content: text }] }),
      ),
    [200, 413],
  ],
  'the body': [(text) => send('POST', '/v1/chat/completions', [auth, json], text), [400]],
  'a model id': [(text) => send('GET', `/v1/models/${encode(text)}`, [auth]), [200, 400, 404, 414, 431]],
  'a raw path': [(text) => send('GET', `/v1/models/${text}`, [auth]), [200, 400, 404, 414, 431, 505]],
  'a path of its own': [
    (text) => send('POST', `/v1/${encode(text)}/chat/completions`, [auth, json], chat('m1')),
    [400, 401, 403, 404, 405, 414, 431],
  ],
  'a query': [
    (text) => send('POST', `/v1/chat/completions?${encode(text)}=${encode(text)}`, [auth, json], chat('m1')),
    [200, 400, 414, 431],
  ],
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

test.each(Object.entries(fields))('C11: %s', async (_, [act, statuses]) => {
  const unexpected: (readonly [string, number])[] = []
  const queue = [...naughtyStrings, megabyte]
  const worker = async () => {
    for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
      const status = await act(text)
      if (!statuses.includes(status)) unexpected.push([text.slice(0, 80), status])
    }
  }
  await Promise.all([worker(), worker(), worker(), worker()])
  expect(unexpected).toEqual([])
  expect((await exchangeRaw(gateway.port, renderChat())).status).toBe(200)
})

test('C11: the admin port’s explanation takes any text too', async () => {
  for (const text of naughtyStrings) {
    const query = new URLSearchParams({ path: `/${text}`, model: text, key: text, host: text })
    const answer = await fetch(`${gateway.adminUrl}/explain?${query}`)
    await answer.text()
    expect([text, answer.status < 500]).toEqual([text, true])
  }
})

test('C11: in every free text of a manifest: that object is refused or served, and the good ones are served', async () => {
  const other = await startFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { choices: [] })),
    manifests: (url) => naughtyStrings.flatMap((text, at) => renderObjects(text, at, url)).join('---\n'),
  })
  expect((await exchangeRaw(other.port, renderChat())).status).toBe(200)
  expect(await other.readGeneration()).toBe(1)
  expect(other.readLogText()).not.toMatch(/internal_error|"a bug"|TypeError|SyntaxError/)
})

test('C11: nothing of it was a bug, an object’s new member or a query', () => {
  expect(naughtyStrings.length).toBeGreaterThan(300)
  expect(gateway.readLogText()).not.toMatch(/internal_error|"a bug"|TypeError|SyntaxError/)
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  expect(gateway.backend.malformed).toEqual([])
})
