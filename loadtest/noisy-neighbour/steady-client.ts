// Tenant B: a steady rate, each request at its time whatever became of the one before (open loop), timed from when it
// was due.
import { Pool } from 'undici'
import { keys } from './manifests.ts'

export type SteadyResult = Readonly<{ sent: number; succeeded: number; latenciesMs: readonly number[] }>

export async function runSteadyClient(
  url: string,
  perSecond: number,
  seconds: number,
  model = 'of-steady',
): Promise<SteadyResult> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] })
  const pool = new Pool(url, { connections: 16 })
  const latenciesMs: number[] = []
  let succeeded = 0
  const send = async (dueMs: number) => {
    const headers = { authorization: `Bearer ${keys.steady}`, 'content-type': 'application/json' }
    try {
      const answer = await pool.request({ method: 'POST', path: '/v1/chat/completions', headers, body })
      await answer.body.dump()
      if (answer.statusCode === 200) succeeded += 1
    } catch {
      // A request without an answer is one that did not succeed.
    }
    latenciesMs.push(performance.now() - dueMs)
  }
  const sent = perSecond * seconds
  const startMs = performance.now()
  const running: Promise<void>[] = []
  for (let at = 0; at < sent; at++) {
    const dueMs = startMs + (at * 1000) / perSecond
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    running.push(send(Math.max(dueMs, performance.now() - 1)))
  }
  await Promise.all(running)
  await pool.close()
  return { sent, succeeded, latenciesMs }
}
