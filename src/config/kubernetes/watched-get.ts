// One GET under a watchdog: rejects when the server refuses, breaks off, or goes silent. Timers come from the clock.
import type { ApiClient } from './api-client.ts'
import { ApiError } from './api-error.ts'
import type { Clock } from './clock.ts'

/** No byte came for the whole of the silence limit: the connection is half open, or the server stands still. */
export class SilenceError extends Error {
  constructor(silenceLimitMs: number) {
    super(`no byte for ${silenceLimitMs / 1000} s`)
    this.name = 'SilenceError'
  }
}

export type WatchedGet = Readonly<{
  client: ApiClient
  clock: Clock
  path: string
  /** The longest wait for the head and between chunks. */
  silenceLimitMs: number
  /** The head came, and is a 200. */
  onOpen?: () => void
  /** A chunk of a 200. What it throws aborts the request and rejects the promise. */
  onChunk: (chunk: Buffer) => void
}>

const errorBodyLimitBytes = 64 * 1024

/** `done` resolves after a whole 200 response; rejects with an ApiError for any other, or with what broke it. */
export function startWatchedGet(get: WatchedGet): Readonly<{ done: Promise<void>; abort: (reason: Error) => void }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let status = 0
  let retryAfterMs: number | null = null
  const errorBody: Buffer[] = []
  let errorBytes = 0
  let heardAtMs = get.clock.readNowMs()
  let cancelTimer = startTimer(get.silenceLimitMs)

  function startTimer(delayMs: number): () => void {
    return get.clock.startTimer(() => {
      const leftMs = get.silenceLimitMs - (get.clock.readNowMs() - heardAtMs)
      if (leftMs <= 0) abort(new SilenceError(get.silenceLimitMs))
      else cancelTimer = startTimer(leftMs)
    }, delayMs)
  }

  const abort = get.client.get(get.path, {
    onHead(headStatus, headRetryAfterMs) {
      heardAtMs = get.clock.readNowMs()
      status = headStatus
      retryAfterMs = headRetryAfterMs
      if (status === 200) get.onOpen?.()
    },
    onChunk(chunk) {
      heardAtMs = get.clock.readNowMs()
      if (status !== 200) {
        errorBytes += chunk.length
        if (errorBytes <= errorBodyLimitBytes) errorBody.push(chunk)
        return
      }
      try {
        get.onChunk(chunk)
      } catch (error) {
        abort(error instanceof Error ? error : new Error('the response could not be read'))
      }
    },
    onEnd(error) {
      cancelTimer()
      if (error !== null) reject(error)
      else if (status === 200) resolve()
      else reject(new ApiError(status, parseErrorBody(errorBody), retryAfterMs))
    },
  })
  return { done: promise, abort }
}

/** A proxy in between may answer with anything: what is not JSON is not shown. */
function parseErrorBody(chunks: readonly Buffer[]): unknown {
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return null
  }
}
