// The official `openai` client's embeddings (asked for as base64, its default) and a rerank, over every family that has
// them, against scripted backends that check each request by the vendor's schema; refused where there are none.
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { fail, filledText, flag, integer, list, object, oneOf, optional, text } from './backends/read-strictly.ts'
import { verifySignature } from './backends/verify-signature.ts'
import { embeddingExceptions, embeddingFeatures } from './exceptions.ts'
import { callerKey, familyNames } from './families.ts'

const awsKeys = {
  accessKeyId: 'AKIASCRIPTEDCANARY02',
  secretAccessKey: 'scripted/Canary+Secret/Key0123456789abce',
  sessionToken: 'scripted-session-canary==',
  region: 'us-east-1',
}
const texts = ['one 🌍', 'two']
/** Exact in 32 bits, so that base64 says the same. */
const vectors = [
  [0.5, -0.25, 1],
  [0.125, 0, -1],
]

/** Path, header of the credential, and what each vendor answers to what it was asked. Throws Unacceptable. */
type Vendor = Readonly<{
  provider: string
  basePath: string
  upstream: string
  path: string
  /** Takes several texts at once. */
  isBatch: boolean
  credential: Readonly<{ header: string; value: string }> | null
  answer(body: unknown): unknown
}>

const key = 'upstream-embedding-canary'
const bearer = { header: 'authorization', value: `Bearer ${key}` }
const oneOrMany = (value: unknown, path: string) =>
  typeof value === 'string' ? [text(value, path)] : list(text)(value, path)

const openAiBody = object({
  model: text,
  input: oneOrMany,
  encoding_format: optional(oneOf('float', 'base64')),
  dimensions: optional(integer(1)),
})

function answerOpenAi(body: unknown): unknown {
  const { input, encoding_format: format, model } = openAiBody(body, '')
  const data = input.map((_, index) => {
    const vector = vectors[index] ?? []
    const embedding = format === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector
    return { object: 'embedding', index, embedding }
  })
  return { object: 'list', data, model, usage: { prompt_tokens: 7, total_tokens: 7 } }
}

const geminiContent = object({ parts: list(object({ text: filledText }), 1, 1), role: optional(text) })
const geminiBody = object({
  requests: list(
    object({
      model: oneOf('models/gemini-embedding-001'),
      content: geminiContent,
      outputDimensionality: optional(integer(1)),
      taskType: optional(text),
    }),
    1,
    100,
  ),
})
const vertexBody = object({
  instances: list(object({ content: filledText, task_type: optional(text), title: optional(text) }), 1, 250),
  parameters: optional(object({ outputDimensionality: optional(integer(1)), autoTruncate: optional(flag) })),
})
const titanBody = object({
  inputText: filledText,
  dimensions: optional(integer(1)),
  normalize: optional(flag),
  embeddingTypes: optional(list(oneOf('float', 'binary'))),
})
const cohereBody = object({
  model: text,
  texts: list(filledText, 1, 96),
  input_type: oneOf('search_document', 'search_query', 'classification', 'clustering'),
  embedding_types: list(oneOf('float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'), 1),
  output_dimension: optional(integer(1)),
  truncate: optional(oneOf('NONE', 'START', 'END')),
})

const vendors: readonly Vendor[] = [
  {
    provider: 'OpenAI',
    basePath: '/v1',
    upstream: 'text-embedding-3-small',
    path: '/v1/embeddings',
    isBatch: true,
    credential: bearer,
    answer: answerOpenAi,
  },
  ...['VLLM', 'Mistral'].map((provider) => ({
    provider,
    basePath: '/v1',
    upstream: 'their-embeddings',
    path: '/v1/embeddings',
    isBatch: true,
    credential: bearer,
    answer: answerOpenAi,
  })),
  {
    provider: 'AzureOpenAI',
    basePath: '',
    upstream: 'my-embeddings',
    path: '/openai/deployments/my-embeddings/embeddings?api-version=',
    isBatch: true,
    credential: { header: 'api-key', value: key },
    answer: answerOpenAi,
  },
  {
    provider: 'GoogleGemini',
    basePath: '/v1beta',
    upstream: 'gemini-embedding-001',
    path: '/v1beta/models/gemini-embedding-001:batchEmbedContents',
    isBatch: true,
    credential: { header: 'x-goog-api-key', value: key },
    answer: (body) => ({ embeddings: geminiBody(body, '').requests.map((_, at) => ({ values: vectors[at] })) }),
  },
  {
    provider: 'GoogleVertexAI',
    basePath: '/v1/projects/p/locations/l',
    upstream: 'text-embedding-005',
    path: '/v1/projects/p/locations/l/publishers/google/models/text-embedding-005:predict',
    isBatch: true,
    credential: { header: 'x-goog-api-key', value: key },
    answer: (body) => ({
      predictions: vertexBody(body, '').instances.map((_, at) => ({
        embeddings: { statistics: { truncated: false, token_count: 4 }, values: vectors[at] },
      })),
      metadata: { billableCharacterCount: 9 },
    }),
  },
  {
    provider: 'AWSBedrock',
    basePath: '',
    upstream: 'amazon.titan-embed-text-v2:0',
    path: '/model/amazon.titan-embed-text-v2%3A0/invoke',
    isBatch: false,
    credential: null,
    answer(body) {
      const { inputText } = titanBody(body, '')
      const [vector] = vectors
      return inputText === texts[0] ? { embedding: vector, inputTextTokenCount: 7 } : fail('inputText', inputText)
    },
  },
  {
    provider: 'Cohere',
    basePath: '/v2',
    upstream: 'embed-v4.0',
    path: '/v2/embed',
    isBatch: true,
    credential: bearer,
    answer(body) {
      const { texts: asked, embedding_types: types } = cohereBody(body, '')
      if (types.join() !== 'float') fail('embedding_types', types.join())
      return {
        id: 'da6e531f-54c5-4a73-bf92-f60566d8d753',
        embeddings: { float: asked.map((_, at) => vectors[at]) },
        texts: asked,
        meta: { api_version: { version: '2' }, billed_units: { input_tokens: 7 } },
        response_type: 'embeddings_by_type',
      }
    },
  },
]

const rerankBody = object({
  model: text,
  query: filledText,
  documents: list(filledText, 1),
  top_n: optional(integer(1)),
  max_tokens_per_doc: optional(integer(1)),
})

let backends: readonly HttpBackend[] = []
let gateway: TestGateway
beforeAll(async () => {
  backends = await Promise.all(vendors.map(start))
  const models = vendors.map((vendor, at) => renderModel(vendor, backends[at]?.url ?? ''))
  gateway = await startGateway({ manifests: [secrets, ...models].join('\n---\n'), logLevel: 'warn' })
})
afterAll(async () => {
  await gateway?.stop()
  await Promise.all(backends.map((backend) => backend.close()))
})

function start({ path, credential, answer }: Vendor): Promise<HttpBackend> {
  return createHttpBackend((request, response) => {
    const { url, headers, body } = request
    try {
      if (request.text.includes(callerKey) || request.rawHeaders.some((part) => part.includes(callerKey))) {
        fail('', 'the caller’s key')
      }
      if (url === '/v2/rerank') {
        rerankBody(request.json(), '')
        const results = [{ index: 1, relevance_score: 0.98 }]
        return json(200, { id: 'r', results, meta: { billed_units: { search_units: 1 } } })(request, response)
      }
      if (!url.startsWith(path)) fail('', `path ${url}`)
      const problem =
        credential === null
          ? verifySignature({ url, headers, body, json: null }, awsKeys)
          : headers[credential.header] === credential.value
            ? null
            : 'wrong credential'
      if (problem !== null) fail('', problem)
      return json(200, answer(request.json()))(request, response)
    } catch (error) {
      return json(400, { error: { message: String(error) }, message: String(error) })(request, response)
    }
  })
}

const secrets = `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { caller: ${callerKey}, upstream: ${key}, aws: ${JSON.stringify(JSON.stringify(awsKeys))} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: callers }
spec: { apiKeys: [{ consumer: tester, secretRef: { name: keys, key: caller } }] }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: anthropic }
spec:
  modelName: embed-anthropic
  modelProvider: Anthropic
  modelType: Embedding
  endpoint: http://127.0.0.1:9/v1
  credentials: { type: APIKey, secretRef: { name: keys, key: upstream } }`

function renderModel({ provider, basePath, upstream, credential }: Vendor, url: string): string {
  const [type, entry] = credential === null ? ['AWS', 'aws'] : ['APIKey', 'upstream']
  return `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${provider.toLowerCase()} }
spec:
  modelName: embed-${provider.toLowerCase()}
  modelProvider: ${provider}
  modelType: Embedding
  endpoint: ${url}${basePath}
  upstreamModel: ${upstream}
  credentials: { type: ${type}, secretRef: { name: keys, key: ${entry} } }`
}

const createClient = () => new OpenAI({ apiKey: callerKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })

test('the table of the README is that of this file', () => {
  const isBatch = (family: string) => vendors.find(({ provider }) => provider === family)?.isBatch
  const [single, several] = embeddingFeatures
  for (const family of familyNames) {
    const verdicts = embeddingExceptions[family]
    expect([family, verdicts?.[single] === undefined]).toEqual([family, isBatch(family) !== undefined])
    expect([family, verdicts?.[several] === undefined]).toEqual([family, isBatch(family) === true])
  }
})

describe.each(vendors)('embeddings of $provider', ({ provider, isBatch }) => {
  const model = `embed-${provider.toLowerCase()}`

  test.each([undefined, 'float', 'base64'] as const)('one text, encoding %s', async (format) => {
    const [input = ''] = texts
    const answer = await createClient().embeddings.create({
      model,
      input,
      ...(format !== undefined && { encoding_format: format }),
    })
    const [vector = []] = vectors
    const base64 = Buffer.from(Float32Array.from(vector).buffer).toString('base64')
    expect(answer.object).toBe('list')
    expect(answer.data).toEqual([{ object: 'embedding', index: 0, embedding: format === 'base64' ? base64 : vector }])
  })

  test.runIf(isBatch)('several texts, in order', async () => {
    const answer = await createClient().embeddings.create({ model, input: texts, dimensions: 3 })
    expect(answer.data.map(({ index, embedding }) => [index, embedding])).toEqual(vectors.map((one, at) => [at, one]))
    expect(answer.usage.prompt_tokens).toBeGreaterThanOrEqual(0)
  })
})

test('several texts where a model takes one: refused, or each asked for; never one for all', async () => {
  const asked = createClient().embeddings.create({ model: 'embed-awsbedrock', input: texts })
  await expect(asked).rejects.toMatchObject({ status: 400, param: 'input' })
})

test('where there are none: refused by name', async () => {
  const asked = createClient().embeddings.create({ model: 'embed-anthropic', input: 'x' })
  await expect(asked).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter' })
})

test('a field that a model has no word for is refused by name, or dropped where the request says so', async () => {
  const ask = (model: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model, input: texts[0], future_field: 1, user: 'u' }),
    })
  for (const model of ['embed-googlegemini', 'embed-awsbedrock', 'embed-cohere']) {
    const refused = await ask(model)
    expect([model, refused.status]).toEqual([model, 400])
    expect(await refused.json()).toMatchObject({ error: { code: 'unsupported_parameter', param: 'future_field' } })
    const answer = await ask(model, { 'x-sluice-unsupported-parameters': 'drop' })
    expect([model, answer.status, answer.headers.get('x-sluice-dropped')]).toEqual([model, 200, 'future_field, user'])
  }
})

test('rerank, of Cohere', async () => {
  const answer = await createClient().post('/rerank', {
    body: { model: 'embed-cohere', query: 'warm?', documents: ['cold', 'warm'], top_n: 1 },
  })
  expect(answer).toMatchObject({ results: [{ index: 1, relevance_score: 0.98 }] })
})
