// OpenAI's embeddings by Cohere's embed. `input_type`, which Cohere demands, is a field of the body or of
// `spec.parameters`; else `search_document`. https://docs.cohere.com/reference/embed
import { GatewayError } from '../../errors/gateway-error.ts'
import type { UnaryCodec } from '../codec.ts'
import { parseEmbeddingRequest, readVector, renderEmbeddings } from '../openai-format/embeddings.ts'
import { readCount, readList, readRecord } from '../read-json.ts'
import { decodeCohereError } from './decode-error.ts'

/** Cohere's own, taken beside OpenAI's. */
const ownFields = ['input_type', 'truncate', 'max_tokens']

export const cohereEmbeddings: UnaryCodec = Object.freeze<UnaryCodec>({
  encode(request, { model }) {
    const { texts, dimensions, own, dropped } = parseEmbeddingRequest(request, ownFields)
    const body = JSON.stringify({
      model,
      input_type: 'search_document',
      ...own,
      texts,
      // Base64 is made here: what OpenAI's clients read as floats is known, what Cohere packs is not said.
      embedding_types: ['float'],
      ...(dimensions === null ? {} : { output_dimension: dimensions }),
    })
    return { path: '/embed', headers: [], body, dropped }
  },
  decode(answer, request, { model }) {
    const { embeddings, meta } = readRecord(answer)
    const vectors = readList(readRecord(embeddings).float).map(readVector)
    const { isBase64, texts } = parseEmbeddingRequest(request, ownFields)
    if (vectors.length !== texts.length) {
      throw new GatewayError('upstream_invalid_response', `${vectors.length} embeddings of ${texts.length} texts`)
    }
    const input = readCount(readRecord(readRecord(meta).billed_units).input_tokens)
    return {
      text: renderEmbeddings(vectors, { model, inputTokens: input, isBase64 }),
      usage: { input, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 },
    }
  },
  decodeError: decodeCohereError,
})
