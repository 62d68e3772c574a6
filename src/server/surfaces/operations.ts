// The operations of the client APIs: what each expects, in which dialect it answers, and how its streams end.
import type { Dialect, ErrorEventStyle } from '../../errors/dialect.ts'
import type { Operation } from '../../providers/operation.ts'
import type { ModelType } from '../../routing/table.ts'
import type { StreamEnd } from '../../upstream/relay-stream.ts'

type OperationRules = Readonly<{
  dialect: Dialect
  errorEvents: ErrorEventStyle
  body: 'json' | 'multipart'
  streamEnd: StreamEnd
  /** Answers that are not JSON are part of the API: sound, subtitles. */
  answersBytes: boolean
  /** Its answers count as output tokens. */
  generatesText: boolean
  /** It uses no tokens, whatever stands in its request. */
  isFree?: boolean
}>

const openai = { dialect: 'openai' } as const

/** https://platform.openai.com/docs/api-reference, https://docs.claude.com/en/api/messages; rerank as Cohere, Jina and vLLM have it. */
export const operationRules: Readonly<Record<Operation, OperationRules>> = {
  'chat/completions': {
    ...openai,
    errorEvents: 'chat',
    body: 'json',
    streamEnd: 'done-marker',
    answersBytes: false,
    generatesText: true,
  },
  completions: {
    ...openai,
    errorEvents: 'chat',
    body: 'json',
    streamEnd: 'done-marker',
    answersBytes: false,
    generatesText: true,
  },
  embeddings: {
    ...openai,
    errorEvents: 'chat',
    body: 'json',
    streamEnd: 'framing',
    answersBytes: false,
    generatesText: false,
  },
  responses: {
    ...openai,
    errorEvents: 'responses',
    body: 'json',
    streamEnd: 'response-event',
    answersBytes: false,
    generatesText: true,
  },
  moderations: {
    ...openai,
    errorEvents: 'chat',
    body: 'json',
    streamEnd: 'framing',
    answersBytes: false,
    generatesText: false,
  },
  'images/generations': {
    ...openai,
    errorEvents: 'chat',
    body: 'json',
    streamEnd: 'framing',
    answersBytes: false,
    generatesText: false,
  },
  'audio/speech': {
    ...openai,
    errorEvents: 'chat',
    body: 'json',
    streamEnd: 'framing',
    answersBytes: true,
    generatesText: false,
  },
  'audio/transcriptions': {
    ...openai,
    errorEvents: 'chat',
    body: 'multipart',
    streamEnd: 'framing',
    answersBytes: true,
    generatesText: false,
  },
  'audio/translations': {
    ...openai,
    errorEvents: 'chat',
    body: 'multipart',
    streamEnd: 'framing',
    answersBytes: true,
    generatesText: false,
  },
  messages: {
    dialect: 'anthropic',
    errorEvents: 'messages',
    body: 'json',
    streamEnd: 'message-stop',
    answersBytes: false,
    generatesText: true,
  },
  'messages/count_tokens': {
    dialect: 'anthropic',
    errorEvents: 'messages',
    body: 'json',
    streamEnd: 'framing',
    answersBytes: false,
    generatesText: false,
    // https://docs.claude.com/en/api/messages-count-tokens
    isFree: true,
  },
  rerank: {
    ...openai,
    errorEvents: 'chat',
    body: 'json',
    streamEnd: 'framing',
    answersBytes: false,
    generatesText: false,
  },
}

/** Their streams say what they used only where `stream_options` asks for it; others always do, or never. */
export const usageOnRequest: ReadonlySet<Operation> = new Set(['chat/completions', 'completions'])

export const sharedOperations = Object.keys(operationRules).filter(isOperation)

export function isOperation(text: string): text is Operation {
  return Object.hasOwn(operationRules, text)
}

/**
 * What a bare `POST <path>` to a model means: by its type, by what the body has, and by which API's headers came with it.
 * Null: nothing that can be told.
 */
export function pickMainOperation(
  modelType: ModelType | null,
  body: Readonly<{ hasMessages: boolean; hasPrompt: boolean; hasInput: boolean }>,
  dialect: Dialect,
): Operation | null {
  switch (modelType) {
    case 'ImageGen':
      return 'images/generations'
    case 'Embedding':
      return 'embeddings'
    case 'Rerank':
      return 'rerank'
    case 'Moderation':
      return 'moderations'
    case 'TextToSpeech':
      return 'audio/speech'
    case 'SpeechToText':
      return 'audio/transcriptions'
    case 'LLM':
    case 'Sentiment':
    case null:
      if (body.hasMessages) return dialect === 'anthropic' ? 'messages' : 'chat/completions'
      if (body.hasPrompt) return 'completions'
      return body.hasInput ? 'embeddings' : null
  }
}
