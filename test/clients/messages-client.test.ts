// B4, B5: the official Anthropic client's messages over every family of backends, through a real gateway.
import { Anthropic } from '@anthropic-ai/sdk'
import { messagesExceptions } from './exceptions.ts'
import { callerKey } from './families.ts'
import { messagesCases } from './messages-cases.ts'
import { runCases } from './run-cases.ts'

runCases({
  api: 'messages',
  cases: messagesCases,
  exceptions: messagesExceptions,
  createClient: (url, fetchLike) =>
    new Anthropic({ apiKey: callerKey, baseURL: url, maxRetries: 0, fetch: fetchLike, logLevel: 'off' }),
})
