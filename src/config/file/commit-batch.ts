// When changes are handed on: those seen together (a symlink swap) go together, unless the rest of them takes too long
// to be read. Knows neither files nor what handing on means.

export type CommitBatch = Readonly<{
  /** There is something to hand on. */
  mark(): void
  /** Hands on what is marked: now, or when nothing more is coming, or when the time is up. */
  settle(): void
  /** Hands on at once, marked or not. */
  flush(): void
  stop(): void
}>

export type CommitBatchOptions = Readonly<{
  isMoreComing: () => boolean
  commit: () => void
  /** From the first mark. */
  maxDelayMs: number
  nowMs: () => number
}>

export function createCommitBatch({ isMoreComing, commit, maxDelayMs, nowMs }: CommitBatchOptions): CommitBatch {
  let sinceMs: number | null = null
  let timer: NodeJS.Timeout | null = null
  let isStopped = false
  const clear = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  const flush = () => {
    sinceMs = null
    clear()
    commit()
  }
  return {
    mark() {
      sinceMs ??= nowMs()
    },
    settle() {
      if (sinceMs === null || isStopped) return
      const waitMs = isMoreComing() ? sinceMs + maxDelayMs - nowMs() : 0
      if (waitMs <= 0) flush()
      else timer ??= setTimeout(flush, waitMs)
    },
    flush,
    stop() {
      isStopped = true
      clear()
    },
  }
}
