// OpenAI's embeddings, for providers that make them in a format of their own: what is asked, and the answer.
// https://platform.openai.com/docs/api-reference/embeddings
import { GatewayError } from '../../errors/gateway-error.ts'
import type { JsonRecord } from '../read-json.ts'

export type EmbeddingRequest = Readonly<{
  texts: readonly string[]
  isBase64: boolean
  /** Length of the vectors; null: the model's own. */
  dimensions: number | null
  /** Fields of the provider's own that it said it takes, where they are set. */
  own: JsonRecord
  /** Hints without a place in any other format: left out, and to be named. */
  dropped: readonly string[]
}>

const known = new Set(['model', 'input', 'encoding_format', 'dimensions', 'user'])

/**
 * `ownFields`: further names that the provider takes. Throws GatewayError `invalid_request`, and `unsupported_parameter`
 * for token ids and for fields that nobody knows.
 */
export function parseEmbeddingRequest(request: JsonRecord, ownFields: readonly string[] = []): EmbeddingRequest {
  const own: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(request)) {
    if (known.has(name) || value === null) continue
    if (!ownFields.includes(name)) throw unsupported(name)
    own[name] = value
  }
  const { encoding_format: format = 'float', dimensions = null, user = null } = request
  if (format !== null && format !== 'float' && format !== 'base64') {
    throw invalid('encoding_format', "'encoding_format' must be 'float' or 'base64'.")
  }
  if (dimensions !== null && !(typeof dimensions === 'number' && Number.isSafeInteger(dimensions) && dimensions > 0)) {
    throw invalid('dimensions', "'dimensions' must be a whole number over 0.")
  }
  return {
    texts: parseTexts(request.input),
    isBase64: format === 'base64',
    dimensions,
    own,
    dropped: user === null ? [] : ['user'],
  }
}

function parseTexts(input: unknown): readonly string[] {
  const texts = typeof input === 'string' ? [input] : input
  if (!Array.isArray(texts) || texts.length === 0) throw invalid('input', "'input' must be a text or a list of texts.")
  return texts.map((text: unknown) => {
    if (typeof text === 'string') return text
    if (typeof text === 'number' || Array.isArray(text)) {
      throw unsupported('input', "'input' of token ids is not supported by this model: send text.")
    }
    throw invalid('input', "'input' must be a text or a list of texts.")
  })
}

/** The JSON body of an answer. `inputTokens`: of all texts together. */
export function renderEmbeddings(
  vectors: readonly (readonly number[])[],
  options: Readonly<{ model: string; inputTokens: number; isBase64: boolean }>,
): string {
  const { model, inputTokens, isBase64 } = options
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: isBase64 ? encodeVector(vector) : vector,
  }))
  const usage = { prompt_tokens: inputTokens, total_tokens: inputTokens }
  return JSON.stringify({ object: 'list', data, model, usage })
}

/** Little-endian 32-bit floats, as OpenAI's clients read them. */
function encodeVector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}

/** A vector of a backend's answer, checked. Throws GatewayError `upstream_invalid_response`. */
export function readVector(value: unknown): readonly number[] {
  if (Array.isArray(value) && value.length > 0 && value.every((item: unknown) => typeof item === 'number')) return value
  throw new GatewayError('upstream_invalid_response', 'an embedding is no list of numbers')
}

function invalid(param: string, publicText: string): GatewayError {
  return new GatewayError('invalid_request', param, { param, publicText })
}

function unsupported(param: string, publicText = `'${param}' is not supported by this model.`): GatewayError {
  return new GatewayError('unsupported_parameter', param, { param, publicText })
}
