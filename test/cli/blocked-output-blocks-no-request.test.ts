// H10: whoever reads our log stops reading. Requests go on; what can't be held is dropped.
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const calls = 4_000

let serve: ServeProcess
beforeAll(async () => {
  serve = await startServe(['--config', 'examples/quickstart', '--simulate'])
})
afterAll(() => serve.end())

test('a full pipe on stdout', { timeout: 60_000 }, async () => {
  serve.child.stdout?.pause()
  const statuses = new Set<number>()
  // Refused calls are logged like any other; a long path makes their lines long.
  const path = `/v1/${'x'.repeat(200)}`
  for (let batch = 0; batch < calls / 50; batch++) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => request(`${serve.url}${path}`, { method: 'POST' })),
    )
    for (const { statusCode, body } of answers) {
      statuses.add(statusCode)
      await body.dump()
    }
  }
  expect(statuses).toEqual(new Set([404]))
  expect((await request(`${serve.adminUrl}/healthz`)).statusCode).toBe(200)
  serve.child.stdout?.resume()
})
