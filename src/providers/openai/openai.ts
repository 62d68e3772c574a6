// OpenAI itself. https://platform.openai.com/docs/api-reference
import { openAiRules } from '../openai-format/chat-rules.ts'
import { createChatCodec } from '../openai-format/create-chat-codec.ts'
import { dropForeignHistory } from '../openai-format/drop-foreign-history.ts'
import { openAiPath } from '../openai-format/openai-path.ts'
import type { Operation } from '../operation.ts'
import { apiKeyOnly, type Provider } from '../provider.ts'

export const openai: Provider = Object.freeze({
  name: 'OpenAI',
  defaultEndpoint: 'https://api.openai.com/v1',
  credential: Object.freeze({ header: 'authorization', prefix: 'Bearer ' }),
  credentialTypes: apiKeyOnly,
  requiredHeaders: [],
  canAskUsage: true,
  operationPath: openAiPath,
  dropForeign: (operation: Operation, body: Buffer) =>
    dropForeignHistory(operation, body, { isStrict: true, toolIds: openAiRules.toolIds }),
  chat: createChatCodec(openAiRules),
  unary: {},
})
