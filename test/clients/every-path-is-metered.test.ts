// E8: what an answer used is known of every client API over every family, unary and streamed, also where the client did
// not ask for it: to the token, and to the cent.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../support/until.ts'
import { script } from './backends/scenarios.ts'
import { callerKey, type Families, familyNames, nameModel, startFamilies } from './families.ts'

let families: Families
let gateway: TestGateway
beforeAll(async () => {
  families = await startFamilies()
  gateway = await startGateway({ manifests: families.manifests })
})
afterAll(async () => {
  await gateway?.stop()
  await families?.close()
})

const questions = [
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }],
  ['/v1/messages', { max_tokens: 1000, messages: [{ role: 'user', content: 'Hi' }] }],
  ['/v1/responses', { input: 'Hi' }],
] as const

describe.each(familyNames)('E8: %s', (family) => {
  test.each(questions.flatMap(([path, body]) => [false, true].map((stream) => [path, stream, body] as const)))(
    '%s, stream: %s',
    async (path, stream, body) => {
      const response = await fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${callerKey}`,
          'anthropic-version': '2023-06-01',
        },
        body: JSON.stringify({ model: nameModel(family, 'usage'), stream, ...body }),
      })
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Counted.')])
      const id = response.headers.get('x-request-id')
      const line = await until(() => gateway.log.find(({ requestId }) => requestId === id), 'its log line')
      const { input, output, cached } = script.usage
      expect(line).toMatchObject({ inputTokens: input, outputTokens: output })
      expect(line).not.toHaveProperty('usageEstimated')
      expect(Number(line.cost)).toBe(4 * (input - cached) + cached + 10 * output)
    },
  )
})
