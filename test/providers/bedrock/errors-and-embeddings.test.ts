// Bedrock's errors in its own words, but for names of our account; embeddings of Titan's and Cohere's models.
import { expect, test } from 'vitest'
import { decodeBedrockError } from '../../../src/providers/bedrock/decode-error.ts'
import { bedrockEmbeddings } from '../../../src/providers/bedrock/embeddings.ts'
import type { Call } from '../../../src/providers/provider.ts'

test.each([
  [
    400,
    '{"message":"Input is too long for requested model."}',
    'ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/',
    { message: 'Input is too long for requested model.', code: 'ValidationException', isContextOverflow: true },
  ],
  [
    400,
    '{"message":"The model returned the following errors: prompt is too long: 215001 tokens > 200000 maximum"}',
    null,
    { code: null, isContextOverflow: true },
  ],
  [
    400,
    '{"message":"The model returned the following errors: input length and `max_tokens` exceed context limit: 1 + 2 > 3"}',
    null,
    { isContextOverflow: true },
  ],
  [
    429,
    '{"message":"Too many tokens, please wait before trying again."}',
    'ThrottlingException',
    {
      code: 'ThrottlingException',
      isContextOverflow: false,
    },
  ],
  [
    404,
    '{"Output":{"__type":"x"},"__type":"com.amazon.coral.service#UnknownOperationException"}',
    null,
    {
      code: 'UnknownOperationException',
      message: 'The model server answered with status 404.',
    },
  ],
  [
    400,
    '{"Message":"User arn:aws:iam::123456789012:user/ops may not use arn:aws-us-gov:bedrock:x:1:y/z."}',
    null,
    {
      message: 'User [resource] may not use [resource]',
    },
  ],
  [503, '<html></html>', 'ServiceUnavailableException', { message: 'The model server answered with status 503.' }],
  [500, '', null, { message: 'The model server answered with status 500.', code: null }],
])('an error: %i %s', (status, body, type, expected) => {
  const headers = type === null ? [] : ['content-type', 'application/json', 'x-amzn-errortype', type]
  expect(decodeBedrockError(status, body, headers)).toMatchObject({ status, param: null, ...expected })
})

const call = (model: string): Call => ({ model, isStream: false, basePath: '', maxOutputTokens: null })
const titan2 = call('amazon.titan-embed-text-v2:0')
const titan1 = call('amazon.titan-embed-text-v1')
const cohere3 = call('cohere.embed-english-v3')
const bodyOf = (request: Readonly<Record<string, unknown>>, to: Call): unknown =>
  JSON.parse(String(bedrockEmbeddings.encode(request, to).body))

test('Titan embeds one text', () => {
  const request = {
    model: 'x',
    input: 'Hello',
    dimensions: 512,
    normalize: false,
    user: 'u1',
    encoding_format: 'float',
  }
  const encoded = bedrockEmbeddings.encode(request, titan2)
  expect(encoded).toMatchObject({ path: '/model/amazon.titan-embed-text-v2%3A0/invoke', dropped: ['user'] })
  expect(JSON.parse(String(encoded.body))).toEqual({ inputText: 'Hello', dimensions: 512, normalize: false })
  const answer = { embedding: [0.25, -0.5], embeddingsByType: { float: [0.25, -0.5] }, inputTextTokenCount: 3 }
  const { text, usage } = bedrockEmbeddings.decode(answer, request, titan2)
  expect(usage).toEqual({ input: 3, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 })
  expect(JSON.parse(text)).toEqual({
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }],
    model: 'amazon.titan-embed-text-v2:0',
    usage: { prompt_tokens: 3, total_tokens: 3 },
  })
  const packed = bedrockEmbeddings.decode(answer, { ...request, encoding_format: 'base64' }, titan2)
  expect(JSON.parse(packed.text).data[0].embedding).toBe(
    Buffer.from(new Float32Array([0.25, -0.5]).buffer).toString('base64'),
  )
})

test('Cohere embeds many, by its own type of input; what it used is in a header', () => {
  expect(bodyOf({ input: ['a', 'b'], dimensions: 256 }, cohere3)).toEqual({
    texts: ['a', 'b'],
    input_type: 'search_document',
    embedding_types: ['float'],
    output_dimension: 256,
  })
  expect(bodyOf({ input: ['a'], input_type: 'search_query' }, cohere3)).toMatchObject({ input_type: 'search_query' })
  const vectors = [
    [1, 2],
    [3, 4],
  ]
  const headers = ['x-amzn-bedrock-input-token-count', '7']
  for (const embeddings of [{ float: vectors }, vectors]) {
    const { text, usage } = bedrockEmbeddings.decode({ embeddings }, { input: ['a', 'b'] }, cohere3, headers)
    expect(usage).toMatchObject({ input: 7 })
    expect(JSON.parse(text)).toMatchObject({
      data: [{ embedding: [1, 2] }, { embedding: [3, 4] }],
      usage: { total_tokens: 7 },
    })
  }
})

test.each([
  ['several texts to Titan', { input: ['a', 'b'] }, titan2, 'unsupported_parameter', 'input'],
  ['dimensions of Titan 1', { input: 'a', dimensions: 5 }, titan1, 'unsupported_parameter', 'dimensions'],
  ['token ids', { input: [1, 2] }, titan2, 'unsupported_parameter', 'input'],
  ['a field that nobody knows', { input: 'a', wat: 1 }, titan2, 'unsupported_parameter', 'wat'],
  ['a model without embeddings', { input: 'a' }, call('meta.llama3'), 'unsupported_parameter', 'model'],
  ['no input', {}, titan2, 'invalid_request', 'input'],
  ['an odd input', { input: [{}] }, titan2, 'invalid_request', 'input'],
  ['an odd encoding', { input: 'a', encoding_format: 'int8' }, titan2, 'invalid_request', 'encoding_format'],
  ['odd dimensions', { input: 'a', dimensions: -1 }, titan2, 'invalid_request', 'dimensions'],
])('refused by name: %s', (_name, request, to, code, param) => {
  expect(() => bedrockEmbeddings.encode(request, to)).toThrow(expect.objectContaining({ code, param }))
})

test('an answer without vectors is none', () => {
  for (const answer of [
    {},
    { embedding: 'x' },
    { embedding: [] },
    { embeddings: { float: [] } },
    { embeddings: [['a']] },
  ]) {
    expect(() => bedrockEmbeddings.decode(answer, { input: 'a' }, titan2)).toThrow(/embedding/)
  }
})
