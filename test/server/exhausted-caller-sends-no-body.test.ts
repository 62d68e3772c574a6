// D7: a caller over its limit is refused before its body is read, wherever that needs nothing of the body: a flood of
// large bodies costs the others nothing.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { createScriptedBackend, type ScriptedBackend } from '../support/scripted-backend.ts'
import { meteredAuthorization, startMeteredGateway } from './metered-gateway.ts'

let backend: ScriptedBackend
let gateway: TestGateway

beforeAll(async () => {
  backend = await createScriptedBackend((_request, connection) => connection.write(renderJsonResponse(200, { ok: 1 })))
  gateway = await startMeteredGateway({
    endpoint: backend.url,
    consumer: { rateLimit: { requestsPerHour: 2, tokensPerDay: 1_000_000 } },
  })
})

afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

const headers = { authorization: meteredAuthorization, 'content-type': 'application/json' }

describe.each(['/v1/chat/completions', '/v1/m1/chat/completions'])('%s', (path) => {
  test('429 with its headers while the body has not even begun', async () => {
    const small = renderRequest('POST', path, headers, '{"model":"m1","messages":[]}')
    let refused = await exchangeRaw(gateway.port, small)
    while (refused.status !== 429) refused = await exchangeRaw(gateway.port, small)
    const before = backend.requests.length

    const client = await connectRaw(gateway.port)
    onTestFinished(() => void client.socket.destroy())
    const head = renderRequest('POST', path, { ...headers, 'content-length': String(10 * 1024 * 1024) })
    await client.write(head)
    const response = await client.readResponse()
    expect(response.status).toBe(429)
    expect(response.text).toBe(refused.text)
    for (const name of ['limit-requests', 'remaining-requests', 'limit-tokens', 'remaining-tokens']) {
      expect(response.header(`x-ratelimit-${name}`)).toBe(refused.header(`x-ratelimit-${name}`))
    }
    expect(Number(response.header('retry-after'))).toBeGreaterThan(3_500)
    // 10 MB that nobody will read can't be followed by another request.
    expect(response.header('connection')).toBe('close')
    expect(backend.requests.length).toBe(before)
  })
})
