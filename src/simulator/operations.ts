// Which operation a path asks for. An operation is known by how its path ends, so that any base path works.
import type { Answer, SimulatedRequest } from './answer.ts'
import { answerChatCompletion } from './chat-completion.ts'
import { answerModeration, answerRerank, answerSentiment } from './classifiers.ts'
import { answerCompletion } from './completion.ts'
import { answerEmbeddings } from './embeddings.ts'
import { answerImage, answerSpeech } from './media.ts'
import { answerCountTokens, answerMessages } from './messages.ts'
import type { ErrorDialect } from './request-error.ts'
import { answerResponse } from './responses.ts'

/** An operation with a JSON body. */
export type JsonOperation = Readonly<{
  dialect: ErrorDialect
  answer: (request: SimulatedRequest) => Answer
}>

const openai = (answer: JsonOperation['answer']): JsonOperation => ({ dialect: 'openai', answer })
const anthropic = (answer: JsonOperation['answer']): JsonOperation => ({ dialect: 'anthropic', answer })

const jsonOperations: Readonly<Record<string, JsonOperation>> = {
  'chat/completions': openai(answerChatCompletion),
  completions: openai(answerCompletion),
  embeddings: openai(answerEmbeddings),
  responses: openai(answerResponse),
  moderations: openai(answerModeration),
  rerank: openai(answerRerank),
  sentiment: openai(answerSentiment),
  'images/generations': openai(answerImage),
  'audio/speech': openai(answerSpeech),
  messages: anthropic(answerMessages),
  'messages/count_tokens': anthropic(answerCountTokens),
}

export type MatchedPath =
  | Readonly<{ kind: 'json'; operation: JsonOperation }>
  | Readonly<{ kind: 'transcription' | 'health' | 'models' | 'unknown' }>
  | Readonly<{ kind: 'model'; id: string }>

/** `path` is without the query. */
export function matchPath(path: string): MatchedPath {
  const segments = path.split('/').filter((segment) => segment !== '')
  const last = segments.at(-1) ?? ''
  const lastTwo = segments.slice(-2).join('/')
  const operation = jsonOperations[lastTwo] ?? jsonOperations[last]
  if (operation !== undefined) return { kind: 'json', operation }
  if (lastTwo === 'audio/transcriptions' || lastTwo === 'audio/translations') return { kind: 'transcription' }
  if (last === 'healthz' || last === 'health') return { kind: 'health' }
  const modelsAt = segments.indexOf('models')
  if (modelsAt < 0) return { kind: 'unknown' }
  const id = segments.slice(modelsAt + 1).join('/')
  return id === '' ? { kind: 'models' } : { kind: 'model', id: decodeSegment(id) }
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
