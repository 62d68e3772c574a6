// OpenAI's embeddings by InvokeModel: Titan's text models, one text a request, and Cohere's.
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html, …/model-parameters-embed.html
import { GatewayError } from '../../errors/gateway-error.ts'
import type { UnaryCodec } from '../codec.ts'
import {
  type EmbeddingRequest,
  parseEmbeddingRequest,
  readVector,
  renderEmbeddings,
} from '../openai-format/embeddings.ts'
import { readCount, readList, readRecord } from '../read-json.ts'
import { decodeBedrockError } from './decode-error.ts'
import { modelPath } from './model-path.ts'

type Kind = 'titan-1' | 'titan-2' | 'cohere'

function readKind(modelId: string): Kind {
  if (modelId.includes('titan-embed-text-v2')) return 'titan-2'
  if (modelId.includes('titan-embed')) return 'titan-1'
  if (modelId.includes('cohere.embed')) return 'cohere'
  throw new GatewayError('unsupported_parameter', `no embeddings of ${modelId}`, {
    publicText: 'This model does not offer embeddings.',
    param: 'model',
  })
}

/** Beside OpenAI's fields: Titan's `normalize`; Cohere's `input_type` and `truncate`. */
const ownFields: Readonly<Record<Kind, readonly string[]>> = {
  'titan-1': [],
  'titan-2': ['normalize'],
  cohere: ['input_type', 'truncate'],
}

export const bedrockEmbeddings: UnaryCodec = Object.freeze<UnaryCodec>({
  encode(request, call) {
    const kind = readKind(call.model)
    const parsed = parseEmbeddingRequest(request, ownFields[kind])
    const body = JSON.stringify(kind === 'cohere' ? encodeCohere(parsed) : encodeTitan(parsed, kind))
    return { path: modelPath(call.model, 'invoke'), headers: [], body, dropped: parsed.dropped }
  },
  decode(answer, request, call, headers = []) {
    const { isBase64 } = parseEmbeddingRequest(request, ownFields[readKind(call.model)])
    const fields = readRecord(answer)
    const isTitan = fields.embedding !== undefined
    const vectors = (isTitan ? [fields.embedding] : readCohereVectors(fields.embeddings)).map(readVector)
    if (vectors.length === 0) throw new GatewayError('upstream_invalid_response', 'an answer without embeddings')
    const input = isTitan ? readCount(fields.inputTextTokenCount) : readInputHeader(headers)
    return {
      text: renderEmbeddings(vectors, { model: call.model, inputTokens: input, isBase64 }),
      usage: { input, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 },
    }
  },
  decodeError: decodeBedrockError,
})

/** Cohere's models say on Bedrock only in a header what they used. */
function readInputHeader(headers: readonly string[]): number {
  const at = headers.findIndex((part, index) => index % 2 === 0 && part === 'x-amzn-bedrock-input-token-count')
  return at < 0 ? 0 : readCount(Number(headers[at + 1]))
}

function encodeTitan({ texts, dimensions, own }: EmbeddingRequest, kind: Kind): Readonly<Record<string, unknown>> {
  const [inputText, another] = texts
  if (another !== undefined) throw refuse('input', 'This model embeds one text a request.')
  if (dimensions !== null && kind === 'titan-1')
    throw refuse('dimensions', "'dimensions' is not supported by this model.")
  return { inputText, ...(dimensions === null ? {} : { dimensions }), ...own }
}

function encodeCohere({ texts, dimensions, own }: EmbeddingRequest): Readonly<Record<string, unknown>> {
  return {
    texts,
    input_type: 'search_document',
    ...own,
    embedding_types: ['float'],
    ...(dimensions === null ? {} : { output_dimension: dimensions }),
  }
}

/** By type where types were asked for, a bare list from older models. */
function readCohereVectors(embeddings: unknown): readonly unknown[] {
  return Array.isArray(embeddings) ? embeddings : readList(readRecord(embeddings).float)
}

function refuse(param: string, publicText: string): GatewayError {
  return new GatewayError('unsupported_parameter', param, { param, publicText })
}
