// B4, B5: the official `openai` client's chat completions over every family of backends, through a real gateway.
import OpenAI from 'openai'
import { chatCases } from './chat-cases.ts'
import { chatExceptions } from './exceptions.ts'
import { callerKey } from './families.ts'
import { runCases } from './run-cases.ts'

runCases({
  api: 'chat/completions',
  cases: chatCases,
  exceptions: chatExceptions,
  createClient: (url, fetchLike) =>
    new OpenAI({ apiKey: callerKey, baseURL: `${url}/v1`, maxRetries: 0, fetch: fetchLike, logLevel: 'off' }),
})
