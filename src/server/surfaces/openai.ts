// The OpenAI surface: which paths it has, what each expects, and how its streams end.
import type { Operation } from '../../providers/operation.ts'
import type { ModelType } from '../../routing/table.ts'
import type { StreamEnd } from '../../upstream/relay-stream.ts'

type OperationRules = Readonly<{
  body: 'json' | 'multipart'
  streamEnd: StreamEnd
  /** Answers that are not JSON are part of the API: sound, subtitles. */
  answersBytes: boolean
  /** Its answers count as output tokens. */
  generatesText: boolean
}>

/** https://platform.openai.com/docs/api-reference; rerank as Cohere, Jina and vLLM have it. */
export const operationRules: Readonly<Record<Operation, OperationRules>> = {
  'chat/completions': { body: 'json', streamEnd: 'done-marker', answersBytes: false, generatesText: true },
  completions: { body: 'json', streamEnd: 'done-marker', answersBytes: false, generatesText: true },
  embeddings: { body: 'json', streamEnd: 'framing', answersBytes: false, generatesText: false },
  responses: { body: 'json', streamEnd: 'response-event', answersBytes: false, generatesText: true },
  moderations: { body: 'json', streamEnd: 'framing', answersBytes: false, generatesText: false },
  'images/generations': { body: 'json', streamEnd: 'framing', answersBytes: false, generatesText: false },
  'audio/speech': { body: 'json', streamEnd: 'framing', answersBytes: true, generatesText: false },
  'audio/transcriptions': { body: 'multipart', streamEnd: 'framing', answersBytes: true, generatesText: false },
  'audio/translations': { body: 'multipart', streamEnd: 'framing', answersBytes: true, generatesText: false },
  rerank: { body: 'json', streamEnd: 'framing', answersBytes: false, generatesText: false },
}

/** Their streams say what they used only where `stream_options` asks for it; others always do, or never. */
export const usageOnRequest: ReadonlySet<Operation> = new Set(['chat/completions', 'completions'])

export const sharedOperations = Object.keys(operationRules).filter(isOperation)

export function isOperation(text: string): text is Operation {
  return Object.hasOwn(operationRules, text)
}

/** What a bare `POST <path>` to a model means: by its type, and by what the body has. Null: nothing that can be told. */
export function pickMainOperation(
  modelType: ModelType | null,
  body: Readonly<{ hasMessages: boolean; hasPrompt: boolean; hasInput: boolean }>,
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
      if (body.hasMessages) return 'chat/completions'
      if (body.hasPrompt) return 'completions'
      return body.hasInput ? 'embeddings' : null
  }
}
