// Google's Gemini API, with a key of AI Studio. https://ai.google.dev/api
import { apiKeyOnly, type Provider } from '../provider.ts'
import { createChatCodec } from './create-chat-codec.ts'
import { geminiEmbeddings } from './embeddings.ts'
import { geminiApi } from './google-api.ts'

export const googleGemini: Provider = Object.freeze({
  name: 'GoogleGemini',
  defaultEndpoint: 'https://generativelanguage.googleapis.com/v1beta',
  credential: Object.freeze({ header: 'x-goog-api-key', prefix: '' }),
  credentialTypes: apiKeyOnly,
  requiredHeaders: [],
  canAskUsage: false,
  operationPath: () => null,
  chat: createChatCodec(geminiApi),
  unary: Object.freeze({ embeddings: geminiEmbeddings }),
})
