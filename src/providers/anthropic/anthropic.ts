// Anthropic itself, and servers that speak its Messages API. https://docs.claude.com/en/api/overview
import type { Operation } from '../operation.ts'
import { apiKeyOnly, type Provider } from '../provider.ts'
import { messagesCodec } from './messages-codec.ts'

export const anthropic: Provider = Object.freeze({
  name: 'Anthropic',
  isSupported: true,
  defaultEndpoint: 'https://api.anthropic.com/v1',
  credential: Object.freeze({ header: 'x-api-key', prefix: '' }),
  credentialTypes: apiKeyOnly,
  // https://docs.claude.com/en/api/versioning
  requiredHeaders: ['anthropic-version', '2023-06-01'],
  canAskUsage: false,
  operationPath: (operation: Operation) =>
    operation === 'messages' || operation === 'messages/count_tokens' ? `/${operation}` : null,
  chat: messagesCodec,
  unary: {},
})
