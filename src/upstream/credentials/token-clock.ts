// The machine's own time and chance, for token sources.
import type { TokenClock } from './token-source.ts'

export const machineClock: TokenClock = Object.freeze({
  readNowMs: () => performance.now(),
  readRandom: () => Math.random(),
  startTimer: (callback: () => void, delayMs: number) => {
    // What setTimeout can hold; a token of 25 days may be refreshed early.
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1))
    timer.unref()
    return () => clearTimeout(timer)
  },
})
