// POST /v1/embeddings: unit vectors made from the text, the same for the same text; texts that share words are near.
// https://platform.openai.com/docs/api-reference/embeddings
import { type Answer, jsonAnswer, type SimulatedRequest } from './answer.ts'
import { createRandom, hashText } from './random.ts'
import { readCount } from './read-options.ts'
import { readTexts } from './read-prompt.ts'
import { countTokens } from './tokens.ts'

const defaultDimensions = 256
const maxDimensions = 4096

export function answerEmbeddings(request: SimulatedRequest): Answer {
  const { body } = request
  const texts = readTexts(body.input, 'input')
  const dimensions = Math.min(maxDimensions, readCount(body, ['dimensions']) ?? defaultDimensions)
  // The official client asks for base64 by default: little-endian 32-bit floats.
  const isBase64 = body.encoding_format === 'base64'
  const data = texts.map((text, index) => {
    const vector = embedText(text, dimensions)
    return { object: 'embedding', index, embedding: isBase64 ? encodeBase64(vector) : [...vector] }
  })
  const promptTokens = texts.reduce((sum, text) => sum + countTokens(text), 0)
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens }
  return jsonAnswer({ object: 'list', data, model: request.model, usage })
}

/** The normalised sum of one random direction a word. */
export function embedText(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]
  for (const word of words.slice(0, 200)) {
    const random = createRandom(hashText(word))
    for (let at = 0; at < dimensions; at++) vector[at] = (vector[at] ?? 0) + random() - 0.5
  }
  let squares = 0
  for (const value of vector) squares += value * value
  const length = Math.sqrt(squares) || 1
  return vector.map((value) => value / length)
}

function encodeBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}
