// How long an answer is waited for, in turns of the event loop that are a few milliseconds long or more. A process that
// got no CPU, or was busy with a burst, has not waited for Redis: its answers lie there to be read, and are read first.

const turnMs = 8
/** However busy the process is. Commands that Redis runs later than this change nothing there. */
export const maxPatienceMs = 250

type Waiter = { turnsLeft: number; readonly endsMs: number; readonly onOver: () => void }

/** One timer for all who wait. */
export class Patience {
  readonly #waiters = new Set<Waiter>()
  #isTicking = false

  /** Calls `onOver` after `ms`, a little earlier or later, unless ended before. Returns how to end it. */
  begin(ms: number, onOver: () => void): () => void {
    const waiter: Waiter = {
      turnsLeft: Math.ceil(ms / turnMs),
      endsMs: performance.now() + Math.max(ms, maxPatienceMs),
      onOver,
    }
    this.#waiters.add(waiter)
    if (!this.#isTicking) this.#tick()
    return () => this.#waiters.delete(waiter)
  }

  #tick(): void {
    this.#isTicking = true
    // Between a timer and an immediate the loop reads what has arrived.
    setTimeout(() => setImmediate(() => this.#turn()), turnMs).unref()
  }

  #turn(): void {
    this.#isTicking = false
    const nowMs = performance.now()
    for (const waiter of this.#waiters) {
      waiter.turnsLeft -= 1
      if (waiter.turnsLeft > 0 && nowMs < waiter.endsMs) continue
      this.#waiters.delete(waiter)
      waiter.onOver()
    }
    if (this.#waiters.size > 0 && !this.#isTicking) this.#tick()
  }
}
