// OpenAI's models on Azure: OpenAI's format at Azure's addresses, with Azure's keys or Entra ID tokens.
// https://learn.microsoft.com/azure/ai-foundry/openai/reference
import { openAiRules, without } from '../openai-format/chat-rules.ts'
import { createChatCodec } from '../openai-format/create-chat-codec.ts'
import { dropForeignHistory } from '../openai-format/drop-foreign-history.ts'
import type { Operation } from '../operation.ts'
import type { Call, CredentialType, Provider } from '../provider.ts'
import { azurePath } from './azure-path.ts'

/** https://github.com/Azure/azure-rest-api-specs, AzureOpenAI/inference/stable/2024-10-21: what is not in it. */
const features = without(openAiRules.features, ['files', 'fileIds', 'promptCacheKey', 'serviceTier'])

export const azureOpenAi: Provider = Object.freeze({
  name: 'AzureOpenAI',
  defaultEndpoint: null,
  credential: Object.freeze({ header: 'api-key', prefix: '' }),
  credentialTypes: new Set<CredentialType>(['APIKey', 'Azure']),
  requiredHeaders: [],
  canAskUsage: true,
  operationPath: azurePath,
  dropForeign: (operation: Operation, body: Buffer) =>
    dropForeignHistory(operation, body, { isStrict: true, toolIds: openAiRules.toolIds }),
  chat: createChatCodec({
    ...openAiRules,
    features,
    path: (call: Call) => azurePath('chat/completions', call) ?? '/chat/completions',
    // Models from before o1 know no other.
    systemRole: 'system',
    endUser: 'user',
  }),
  unary: {},
})
