// When what outlives tables is let go: some time after no table has named it. A configuration that never comes to rest
// must not put that off for ever, and what goes and comes back within that time (a replaced object) is kept.

export type Sweeper = Readonly<{
  /** A table has been swapped in. */
  noteSwap(): void
  stop(): void
}>

export type SweeperOptions<T> = Readonly<{
  readCurrent: () => T
  /** Lets go of everything that none of these names. */
  sweep: (kept: readonly T[]) => void
  delayMs: number
}>

export function createSweeper<T>({ readCurrent, sweep, delayMs }: SweeperOptions<T>): Sweeper {
  let timer: NodeJS.Timeout | null = null
  const noteSwap = () => {
    if (timer !== null) return
    const before = readCurrent()
    timer = setTimeout(() => {
      timer = null
      const current = readCurrent()
      sweep([before, current])
      // What only `before` named has its own time to wait.
      if (current !== before) noteSwap()
    }, delayMs)
    timer.unref()
  }
  return {
    noteSwap,
    stop() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}
