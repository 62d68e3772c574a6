// B4, B5: the official `openai` client's responses over every family of backends, through a real gateway.
import OpenAI from 'openai'
import { responsesExceptions } from './exceptions.ts'
import { callerKey } from './families.ts'
import { responsesCases } from './responses-cases.ts'
import { runCases } from './run-cases.ts'

runCases({
  api: 'responses',
  cases: responsesCases,
  exceptions: responsesExceptions,
  createClient: (url, fetchLike) =>
    new OpenAI({ apiKey: callerKey, baseURL: `${url}/v1`, maxRetries: 0, fetch: fetchLike, logLevel: 'off' }),
})
