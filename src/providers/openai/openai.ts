// OpenAI itself. https://platform.openai.com/docs/api-reference
import { openAiRules } from '../openai-format/chat-rules.ts'
import { createChatCodec } from '../openai-format/create-chat-codec.ts'
import { openAiPath } from '../openai-format/openai-path.ts'
import { apiKeyOnly, type Provider } from '../provider.ts'

export const openai: Provider = Object.freeze({
  name: 'OpenAI',
  defaultEndpoint: 'https://api.openai.com/v1',
  credential: Object.freeze({ header: 'authorization', prefix: 'Bearer ' }),
  credentialTypes: apiKeyOnly,
  requiredHeaders: [],
  canAskUsage: true,
  operationPath: openAiPath,
  chat: createChatCodec(openAiRules),
  unary: {},
})
