// Models that judge texts: sentiment, moderation, rerank. Scores come from small word lists and shared words.
import { type Answer, isObject, jsonAnswer, type SimulatedRequest } from './answer.ts'
import { embedText } from './embeddings.ts'
import { readCount } from './read-options.ts'
import { readTexts } from './read-prompt.ts'
import { RequestError } from './request-error.ts'
import { countTokens } from './tokens.ts'

const positiveWords = new Set(
  'good great love loved lovely excellent happy wonderful amazing best nice fine fast thanks perfect like enjoy pleased'.split(
    ' ',
  ),
)
const negativeWords = new Set(
  'bad awful hate hated terrible sad horrible worst slow broken poor angry never wrong ugly boring annoyed fail'.split(
    ' ',
  ),
)
const flaggedWords: Readonly<Record<string, RegExp>> = {
  violence: /\b(kill|murder|attack|stab|shoot)/i,
  hate: /\b(hate speech|racist|slur)/i,
  harassment: /\b(harass|bully|threaten)/i,
  'self-harm': /\b(suicide|self-harm)/i,
  sexual: /\b(sexual|porn)/i,
}

/** `{"text"}` or `{"input"}` → one label and score; lists give lists. */
export function answerSentiment({ body, model }: SimulatedRequest): Answer {
  const given = body.text ?? body.input ?? body.inputs
  const results = readTexts(given, 'text').map(scoreSentiment)
  return jsonAnswer(Array.isArray(given) ? { model, results } : { model, ...results[0] })
}

function scoreSentiment(text: string) {
  let balance = 0
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    if (positiveWords.has(word)) balance++
    if (negativeWords.has(word)) balance--
  }
  const label = balance > 0 ? 'positive' : balance < 0 ? 'negative' : 'neutral'
  return { label, score: Number((1 - 0.5 / (1 + Math.abs(balance))).toFixed(4)) }
}

/** https://platform.openai.com/docs/api-reference/moderations */
export function answerModeration({ body, model, id }: SimulatedRequest): Answer {
  const results = readTexts(body.input, 'input').map((text) => {
    const found = Object.entries(flaggedWords).map(([category, pattern]) => [category, pattern.test(text)] as const)
    return {
      flagged: found.some(([, isFlagged]) => isFlagged),
      categories: Object.fromEntries(found),
      category_scores: Object.fromEntries(found.map(([category, isFlagged]) => [category, isFlagged ? 0.98 : 0.01])),
    }
  })
  return jsonAnswer({ id: `modr-${id}`, model, results })
}

/** Cohere's and Jina's rerank: documents in the order of their likeness to the query. */
export function answerRerank({ body, model, id }: SimulatedRequest): Answer {
  if (typeof body.query !== 'string') {
    throw new RequestError(400, 'invalid_request', "'query' must be a text.", 'query')
  }
  const documents = readTexts(
    Array.isArray(body.documents)
      ? body.documents.map((entry: unknown) => (isObject(entry) ? entry.text : entry))
      : body.documents,
    'documents',
  )
  const query = embedText(body.query, 64)
  const results = documents
    .map((text, index) => ({
      index,
      relevance_score: readLikeness(query, embedText(text, 64)),
      ...(body.return_documents === true && { document: { text } }),
    }))
    .sort((one, other) => other.relevance_score - one.relevance_score)
    .slice(0, readCount(body, ['top_n']) ?? documents.length)
  const tokens = [body.query, ...documents].reduce((sum, text) => sum + countTokens(text), 0)
  return jsonAnswer({ id: `rerank-${id}`, model, results, usage: { prompt_tokens: tokens, total_tokens: tokens } })
}

/** The cosine of two unit vectors, moved to 0 … 1. */
function readLikeness(one: Float32Array, other: Float32Array): number {
  let product = 0
  for (const [index, value] of one.entries()) product += value * (other[index] ?? 0)
  return Number(((product + 1) / 2).toFixed(6))
}
