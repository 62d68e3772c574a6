// E8: what is counted in a stream is what its backend, the simulator, says it produced, for every operation that streams
// text; so a stream whose client does not ask for usage is charged the same as one whose client does.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/create-simulator.ts'
import { defaultSimulatorSettings } from '../../src/simulator/simulator-settings.ts'
import type { TestGateway } from '../support/gateway.ts'
import { renderRequest } from '../support/http-bytes.ts'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { readLogLine } from './fault-gateway.ts'
import { meteredAuthorization, startMeteredGateway } from './metered-gateway.ts'

let gateway: TestGateway
const simulator = createSimulator({ ...defaultSimulatorSettings, port: 0, ttftMs: 0, interTokenMs: 2 })
beforeAll(async () => {
  const { url } = await simulator.start()
  gateway = await startMeteredGateway({
    endpoint: url,
    consumer: { rateLimit: { tokensPerDay: 1_000_000_000 } },
    // Can't be asked for usage where the client hasn't.
    model: { modelProvider: 'Mistral', pricing: { currency: 'USD', input: '1', output: '2' } },
  })
})
afterAll(async () => {
  await gateway.stop()
  await simulator.stop()
})

const question = 'Wieviel wörter, 言葉 and "quotes" \\ make a stream 🙂?'
const messages = [{ role: 'user', content: question }]

function render(operation: string, fields: object, id: string): string {
  const headers = { authorization: meteredAuthorization, 'content-type': 'application/json', 'x-request-id': id }
  return renderRequest('POST', `/v1/${operation}`, headers, JSON.stringify({ model: 'm1', ...fields }))
}

async function ask(operation: string, fields: object): Promise<Record<string, unknown>> {
  const id = randomUUID()
  const response = await exchangeRaw(gateway.port, render(operation, fields, id), { deadlineMs: 20_000 })
  expect(response.status).toBe(200)
  return readLogLine(gateway, id)
}

test.each([
  ['chat/completions', { messages, max_tokens: 200 }],
  ['chat/completions', { messages, max_tokens: 50, n: 4 }],
  ['chat/completions', { messages, response_format: { type: 'json_object' } }],
  ['completions', { prompt: question, max_tokens: 120 }],
])('%s %o', async (operation, fields) => {
  const whole = await ask(operation, fields)
  const reported = await ask(operation, { ...fields, stream: true, stream_options: { include_usage: true } })
  const counted = await ask(operation, { ...fields, stream: true })
  expect(whole).not.toHaveProperty('usageEstimated')
  expect(reported).not.toHaveProperty('usageEstimated')
  expect(counted).toMatchObject({ usageEstimated: true, outputTokens: whole.outputTokens })
  expect(reported.outputTokens).toBe(whole.outputTokens)
  expect(Number(whole.outputTokens)).toBeGreaterThan(4)
})

test('a client that leaves a stream of the Responses API is charged what it got', async () => {
  const fields = { input: question, stream: true, max_output_tokens: 200 }
  const whole = await ask('responses', fields)
  const id = randomUUID()
  const client = await connectRaw(gateway.port)
  await client.write(render('responses', fields, id))
  const countDeltas = () => client.text.split('response.output_text.delta"').length - 1
  await until(() => countDeltas() >= 20, 'twenty deltas')
  client.reset()
  const line = await readLogLine(gateway, id)
  expect(line).toMatchObject({ code: 'client_closed', usageEstimated: true })
  // What was on its way to it when it left counts as produced.
  expect(Number(line.outputTokens)).toBeGreaterThanOrEqual(20)
  expect(Number(line.outputTokens)).toBeLessThan(Number(whole.outputTokens))
})
