// Anthropic itself, and servers that speak its Messages API. https://docs.claude.com/en/api/overview
import type { Operation } from '../operation.ts'
import { apiKeyOnly, type Provider } from '../provider.ts'
import { dropForeignThinking } from './drop-foreign-thinking.ts'
import { messagesCodec } from './messages-codec.ts'

/** https://docs.claude.com/en/api/versioning: what is translated is sent as this one; the clients' own passes. */
const firstVersion = '2023-06-01'
/** Later versions refuse them. */
const samplingNames = new Set(['temperature', 'top_p', 'top_k'])

export const anthropic: Provider = Object.freeze({
  name: 'Anthropic',
  defaultEndpoint: 'https://api.anthropic.com/v1',
  credential: Object.freeze({ header: 'x-api-key', prefix: '' }),
  credentialTypes: apiKeyOnly,
  requiredHeaders: ['anthropic-version', firstVersion],
  canAskUsage: false,
  operationPath: (operation: Operation) =>
    operation === 'messages' || operation === 'messages/count_tokens' ? `/${operation}` : null,
  // A list of other models, https://docs.claude.com/en/docs/build-with-claude/refusals-and-fallback
  steeringFields: new Set(['fallbacks']),
  takesDefault: (name: string, readHeader: (name: string) => string | null) =>
    !samplingNames.has(name) || (readHeader('anthropic-version') ?? firstVersion) === firstVersion,
  dropForeign: (_operation: Operation, body: Buffer) => dropForeignThinking(body),
  chat: messagesCodec,
  unary: {},
})
