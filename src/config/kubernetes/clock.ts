// Time and chance as the reflectors see them, so that tests need no waiting. Nothing here knows of Kubernetes.

export interface Clock {
  /** Milliseconds from any fixed point; never goes back. */
  readNowMs(): number
  /** From 0 up to but not 1. */
  readRandom(): number
  /** Calls once after `delayMs`; the returned function cancels it. */
  startTimer(callback: () => void, delayMs: number): () => void
}

/** The machine's own. */
export const systemClock: Clock = {
  readNowMs: () => performance.now(),
  readRandom: () => Math.random(),
  startTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
