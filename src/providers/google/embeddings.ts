// Embeddings in both of Google's formats, asked for and answered in OpenAI's.
import { GatewayError } from '../../errors/gateway-error.ts'
import type { UnaryCodec } from '../codec.ts'
import { parseEmbeddingRequest, readVector, renderEmbeddings } from '../openai-format/embeddings.ts'
import { type JsonRecord, readCount, readList, readRecord } from '../read-json.ts'
import { decodeError } from './decode-error.ts'
import { buildGeminiPath, buildVertexPath } from './model-path.ts'

/** Its own field for what the vectors are for, which OpenAI's has no word for. */
const ownFields = ['task_type', 'title']

/** https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
export const geminiEmbeddings: UnaryCodec = Object.freeze<UnaryCodec>({
  encode: (request, { model }) => {
    const { texts, dimensions, own, dropped } = parseEmbeddingRequest(request, ownFields)
    const path = buildGeminiPath(model, 'batchEmbedContents')
    const requests = texts.map((text) => ({
      // Each of a batch names the model once more.
      model: path.slice(1, path.lastIndexOf(':')),
      content: { parts: [{ text }] },
      ...(own.task_type === undefined ? {} : { taskType: own.task_type }),
      ...(own.title === undefined ? {} : { title: own.title }),
      ...(dimensions === null ? {} : { outputDimensionality: dimensions }),
    }))
    return { path, headers: [], body: JSON.stringify({ requests }), dropped }
  },
  decode: (answer, request, { model }) => {
    const { embeddings, usageMetadata } = readRecord(answer)
    const vectors = readList(embeddings).map((embedding) => readVector(readRecord(embedding).values))
    return renderVectors(vectors, readCount(readRecord(usageMetadata).promptTokenCount), request, model)
  },
  decodeError,
})

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
export const vertexEmbeddings: UnaryCodec = Object.freeze<UnaryCodec>({
  encode: (request, { model }) => {
    const { texts, dimensions, own, dropped } = parseEmbeddingRequest(request, ownFields)
    const instances = texts.map((content) => ({ content, ...own }))
    // By default it cuts what is too long, and says nothing.
    const parameters = { autoTruncate: false, ...(dimensions === null ? {} : { outputDimensionality: dimensions }) }
    return {
      path: buildVertexPath(model, 'predict'),
      headers: [],
      body: JSON.stringify({ instances, parameters }),
      dropped,
    }
  },
  decode: (answer, request, { model }) => {
    const predicted = readList(readRecord(answer).predictions).map((one) => readRecord(readRecord(one).embeddings))
    const inputTokens = predicted.reduce(
      (sum, { statistics }) => sum + readCount(readRecord(statistics).token_count),
      0,
    )
    const vectors = predicted.map(({ values }) => readVector(values))
    return renderVectors(vectors, inputTokens, request, model)
  },
  decodeError,
})

function renderVectors(
  vectors: readonly (readonly number[])[],
  inputTokens: number,
  request: JsonRecord,
  model: string,
) {
  const { texts, isBase64 } = parseEmbeddingRequest(request, ownFields)
  if (vectors.length !== texts.length) {
    throw new GatewayError('upstream_invalid_response', `${vectors.length} embeddings of ${texts.length} texts`)
  }
  return {
    text: renderEmbeddings(vectors, { model, inputTokens, isBase64 }),
    usage:
      inputTokens === 0 ? null : { input: inputTokens, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 },
  }
}
