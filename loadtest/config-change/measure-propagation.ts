// Times configuration changes from outside: writes a new marker, polls the route back to back, and stamps the first
// answer that carries it.
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'undici'
import { markerHeader } from './bench-routes.ts'

/** Each waits for its answer and asks again at once; two halve the time between looks, more only load the machine. */
const pollerCount = 2
const seenTimeoutMs = 10_000
/** The first ones warm up the code on both sides and are not counted. */
const warmUpWrites = 10
/** Between writes, drawn evenly, so that they don't fall in step with any timer of the gateway. */
const pauseMs = { from: 5, to: 30 }

export type Propagation = Readonly<{
  /** From each acknowledged write to the first answer by it. */
  delaysMs: readonly number[]
  /** Between two looks: what polling can add to a delay. */
  pollGapsMs: readonly number[]
}>

/** Makes `writes` changes; `write` resolves when the change is acknowledged. Rejects when one is not seen in 10 s. */
export async function measurePropagation(
  origin: string,
  path: string,
  writes: number,
  write: (marker: string) => Promise<void>,
): Promise<Propagation> {
  const clients = Array.from({ length: pollerCount }, () => new Client(origin))
  const delays: number[] = []
  const gaps: number[] = []
  let seen = { marker: '', atMs: 0 }
  let isDone = false
  let lastAnswerMs = performance.now()
  let onMarker = () => {}

  const poll = async (client: Client) => {
    while (!isDone) {
      const { headers, body } = await client.request({ method: 'GET', path })
      const atMs = performance.now()
      gaps.push(atMs - lastAnswerMs)
      lastAnswerMs = atMs
      const marker = headers[markerHeader]
      if (typeof marker === 'string' && marker !== seen.marker && isNewer(marker, seen.marker)) {
        seen = { marker, atMs }
        onMarker()
      }
      await body.dump()
    }
  }

  const change = async () => {
    for (let index = 1; index <= writes + warmUpWrites; index += 1) {
      const marker = String(index)
      const shown = new Promise<void>((resolve) => {
        onMarker = () => seen.marker === marker && resolve()
      })
      await write(marker)
      const acknowledgedMs = performance.now()
      const timeout = new AbortController()
      const late = delay(seenTimeoutMs, 'late', { signal: timeout.signal }).catch(() => 'seen')
      if ((await Promise.race([shown, late])) === 'late') {
        throw new Error(`change ${marker} of ${path} was not seen within ${seenTimeoutMs} ms`)
      }
      timeout.abort()
      // Seen before the acknowledgement reached us: no delay.
      if (index > warmUpWrites) delays.push(Math.max(0, seen.atMs - acknowledgedMs))
      await delay(pauseMs.from + Math.random() * (pauseMs.to - pauseMs.from))
    }
  }

  const polling = clients.map(poll)
  try {
    await Promise.race([change(), Promise.all(polling)])
    return { delaysMs: delays, pollGapsMs: gaps }
  } finally {
    isDone = true
    await Promise.allSettled(polling)
    await Promise.all(clients.map((client) => client.destroy()))
  }
}

/** Two pollers may report in the wrong order: an older marker after a newer one changes nothing. */
function isNewer(marker: string, than: string): boolean {
  return than === '' || Number(marker) > Number(than)
}
