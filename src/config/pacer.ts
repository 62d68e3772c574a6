// When to run: at once for the first event after calm, later ones coalesced, and never more than half of the time.
// See docs/decisions/2026-11-22-leading-edge-reconcile.md. Knows nothing of what it runs.

/** Time as the pacer sees it, so that tests need no waiting. The functions returned cancel. */
export type PacerClock = Readonly<{
  /** Milliseconds from any fixed point; never goes back. */
  nowMs(): number
  /** Calls back in the next turn of the event loop. */
  defer(callback: () => void): () => void
  delay(callback: () => void, delayMs: number): () => void
}>

export const systemPacerClock: PacerClock = {
  nowMs: () => performance.now(),
  defer(callback) {
    const immediate = setImmediate(callback)
    return () => clearImmediate(immediate)
  },
  delay(callback, delayMs) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

export type PacerOptions = Readonly<{
  /** Synchronous; `firstEventAtMs`: when the oldest event it answers came. Must not throw. */
  run: (firstEventAtMs: number) => void
  /** False: events are remembered; the first mark after it has become true runs. */
  canRun: () => boolean
  clock: PacerClock
  quietMs: number
  maxDelayMs: number
}>

export type Pacer = Readonly<{ mark: () => void; stop: () => void }>

export function createPacer({ run, canRun, clock, quietMs, maxDelayMs }: PacerOptions): Pacer {
  let firstEventMs: number | null = null
  let lastEventMs = 0
  let isLeading = false
  let lastRunEndMs = Number.NEGATIVE_INFINITY
  let lastRunMs = 0
  let cancel: (() => void) | null = null
  let isStopped = false

  const readDueMs = (first: number) => {
    if (isLeading) return first
    // The pause lasts as long as the last run: running never takes more than half of the loop.
    return Math.max(lastRunEndMs + lastRunMs, Math.min(lastEventMs + quietMs, first + maxDelayMs))
  }

  const arm = (first: number) => {
    const waitMs = readDueMs(first) - clock.nowMs()
    cancel = waitMs <= 0 ? clock.defer(fire) : clock.delay(fire, waitMs)
  }

  const fire = () => {
    cancel = null
    const first = firstEventMs
    if (isStopped || first === null) return
    const startedMs = clock.nowMs()
    if (readDueMs(first) > startedMs) {
      arm(first)
      return
    }
    firstEventMs = null
    try {
      run(first)
    } finally {
      lastRunEndMs = clock.nowMs()
      lastRunMs = lastRunEndMs - startedMs
    }
  }

  return {
    mark() {
      if (isStopped) return
      const nowMs = clock.nowMs()
      if (firstEventMs === null) {
        firstEventMs = nowMs
        isLeading = nowMs - lastRunEndMs >= Math.max(quietMs, lastRunMs)
      }
      lastEventMs = nowMs
      if (cancel === null && canRun()) arm(firstEventMs)
    },
    stop() {
      isStopped = true
      cancel?.()
      cancel = null
    },
  }
}
