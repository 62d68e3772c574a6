// Walks the configured paths when asked and from time to time, one walk at a time. What a walk means is file-source.ts's.
import { type FileWalk, listManifestFiles } from './list-manifest-files.ts'

export type FolderWalkerOptions = Readonly<{
  /** Absolute. */
  roots: readonly string[]
  /** Between two walks; more when a walk takes long. */
  pollMs: number
  nowMs: () => number
  /** True: walk once more, at once. */
  onWalk: (walk: FileWalk) => boolean
  /** After the last walk of those asked for. */
  onStill: () => void
}>

/** Walking may take this part of the time at most. */
const share = 1 / 50

export class FolderWalker {
  readonly #options: FolderWalkerOptions
  #timer: NodeJS.Timeout | null = null
  #isWalking = false
  #isWanted = false
  #isAwaited = false
  #isStopped = false

  constructor(options: FolderWalkerOptions) {
    this.#options = options
  }

  /** Walks now, or again once the walk under way is done. */
  request(): void {
    this.#isAwaited = true
    this.#start()
  }

  /** True until the walk that was asked for is done: what it finds belongs with what is known already. */
  isAwaited(): boolean {
    return this.#isAwaited
  }

  #start(): void {
    if (this.#isStopped) return
    this.#isWanted = true
    if (this.#isWalking) return
    this.#isWalking = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    void this.#walkUntilStill()
  }

  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #walkUntilStill(): Promise<void> {
    const { roots, pollMs, nowMs, onWalk, onStill } = this.#options
    const startedMs = nowMs()
    while (this.#isWanted) {
      this.#isWanted = false
      const walk = await listManifestFiles(roots)
      if (this.#isStopped) return
      if (onWalk(walk)) this.#isWanted = true
    }
    this.#isWalking = false
    this.#isAwaited = false
    onStill()
    this.#timer = setTimeout(() => this.#start(), Math.max(pollMs, (nowMs() - startedMs) / share))
    this.#timer.unref()
  }
}
