// The official `openai` client over the gateway to Azure: at its deployments and at its v1 API, with Azure's key, and
// everything that Azure adds to an answer; other client APIs by translation.
import { readFileSync } from 'node:fs'
import OpenAI, { APIError } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isRecord } from '../../../src/is-record.ts'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../../support/http-backend.ts'

const key = 'sk-client-1'
const azureKey = 'azure-canary-0f3a'

const renderModel = (name: string, fields: string) => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: AzureOpenAI
  modelType: LLM
  upstreamModel: gpt-4o@prod
  credentials: { type: APIKey, secretRef: { name: keys, key: azure } }
  ${fields}`

const renderManifests = (backend: string) => `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { a: ${key}, azure: ${azureKey} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec:
  apiKeys: [{ consumer: a, secretRef: { name: keys, key: a } }]
${renderModel('deployed', `endpoint: ${backend}`)}
${renderModel('preview', `endpoint: ${backend}/openai\n  apiVersion: 2025-04-01-preview`)}
${renderModel('v1', `endpoint: ${backend}/openai/v1`)}`

const filtered = { hate: { filtered: false, severity: 'safe' } }
const answer = {
  choices: [
    {
      content_filter_results: filtered,
      finish_reason: 'stop',
      index: 0,
      logprobs: null,
      message: { content: 'Guten Tag', refusal: null, role: 'assistant' },
    },
  ],
  created: 1795337400,
  id: 'chatcmpl-Azr1',
  model: 'gpt-4o-2024-11-20',
  object: 'chat.completion',
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: filtered }],
  system_fingerprint: 'fp_ee1d74bde0',
  usage: { completion_tokens: 3, prompt_tokens: 9, total_tokens: 12 },
}
const refused = {
  error: {
    message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: filtered },
  },
}
const stream = readFileSync(new URL('../openai/fixtures/azure.sse', import.meta.url))
const messages = [{ role: 'user' as const, content: 'Hello' }]
const deployment = '/openai/deployments/gpt-4o%40prod'

let gateway: TestGateway
let backend: HttpBackend
let client: OpenAI

beforeAll(async () => {
  backend = await createHttpBackend()
  gateway = await startGateway({ manifests: renderManifests(backend.url) })
  client = new OpenAI({ apiKey: key, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
beforeEach(() => backend.setHandler(json(200, answer)))
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

function askMessages(model: string): Promise<Response> {
  return fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model, max_tokens: 64, messages }),
  })
}

describe('where it is asked', () => {
  test.each([
    ['deployed', `${deployment}/chat/completions?api-version=2024-10-21`],
    ['preview', `${deployment}/chat/completions?api-version=2025-04-01-preview`],
    ['v1', '/openai/v1/chat/completions'],
  ])('%s: %s, with the key in its own header', async (model, url) => {
    const said = await client.chat.completions.create({ model, messages })
    expect(said).toEqual(answer)
    const request = await backend.nextRequest()
    expect(request.url).toBe(url)
    expect(request.headers['api-key']).toBe(azureKey)
    expect(request.headers.authorization).toBeUndefined()
    expect(request.json()).toEqual({ model: 'gpt-4o@prod', messages })
  })

  test('embeddings, by translation of nothing but the path', async () => {
    backend.setHandler(
      json(200, { object: 'list', data: [], model: 'm', usage: { prompt_tokens: 1, total_tokens: 1 } }),
    )
    await client.embeddings.create({ model: 'deployed', input: 'x' })
    expect((await backend.nextRequest()).url).toBe(`${deployment}/embeddings?api-version=2024-10-21`)
  })

  test("the version is the object's, whatever a client names", async () => {
    const query = { 'API-Version': '2023-05-15', beta: 'true' }
    await client.chat.completions.create({ model: 'deployed', messages }, { query })
    expect((await backend.nextRequest()).url).toBe(`${deployment}/chat/completions?api-version=2024-10-21&beta=true`)
  })

  test('what Azure does not have is refused by name', async () => {
    const error: unknown = await client.moderations.create({ model: 'deployed', input: 'x' }).catch((cause) => cause)
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter' })
  })
})

test('a stream passes byte for byte, filter results first', async () => {
  backend.setHandler((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(stream)
  })
  const options = { stream: true, stream_options: { include_usage: true } } as const
  const raw = await client.chat.completions.create({ model: 'deployed', messages, ...options }).asResponse()
  expect(await raw.text()).toBe(stream.toString())
  const request = await backend.nextRequest()
  expect(request.json()).toMatchObject(options)
  const chunks = []
  for await (const chunk of await client.chat.completions.create({ model: 'deployed', messages, ...options })) {
    chunks.push(chunk)
  }
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Guten Tag')
  await backend.nextRequest()
})

test("Azure's refusal comes to the client as it is", async () => {
  backend.setHandler(json(400, refused))
  const error: unknown = await client.chat.completions.create({ model: 'v1', messages }).catch((cause) => cause)
  expect(error).toMatchObject({ status: 400, code: 'content_filter', param: 'prompt', error: refused.error })
  await backend.nextRequest()
})

describe('other client APIs', () => {
  test("Anthropic's, by translation", async () => {
    const said: unknown = await (await askMessages('deployed')).json()
    expect(said).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text: 'Guten Tag' }],
      usage: { input_tokens: 9, output_tokens: 3 },
    })
    const request = await backend.nextRequest()
    expect(request.url).toBe(`${deployment}/chat/completions?api-version=2024-10-21`)
    expect(request.json()).toEqual({ model: 'gpt-4o@prod', messages, max_completion_tokens: 64 })
  })

  test("Azure's refusal, in Anthropic's envelope", async () => {
    backend.setHandler(json(400, refused))
    const refusal = await askMessages('v1')
    expect(refusal.status).toBe(400)
    const body: unknown = await refusal.json()
    expect(body).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: refused.error.message },
    })
    await backend.nextRequest()
  })

  test.each([
    ['deployed', `${deployment}/chat/completions?api-version=2024-10-21`],
    ['preview', '/openai/responses?api-version=2025-04-01-preview'],
    ['v1', '/openai/v1/responses'],
  ])('Responses of %s: %s', async (model, url) => {
    await client.responses.create({ model, input: 'Hello' }).catch(() => null)
    const request = await backend.nextRequest()
    expect(request.url).toBe(url)
    const body = request.json()
    expect(isRecord(body) && body.model).toBe('gpt-4o@prod')
  })
})
