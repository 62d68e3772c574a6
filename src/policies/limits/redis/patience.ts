// How long an answer is waited for, in turns of the event loop that are a few milliseconds long or more. A process that
// got no CPU, or was busy with a burst, has not waited for Redis: its answers lie there to be read, and are read first.
// While others' answers come, Redis is at work, and one's own is on its way.

const turnMs = 8
/** Commands that Redis runs later than this change nothing there; an answer that took longer is no sign of health. */
export const maxWorkMs = 250
/** However busy the process is. */
const mostMs = 1_000

type Waiter = Readonly<{ turns: number; fromTurn: number; endsMs: number; onOver: () => void }>

/** One timer for all who wait. */
export class Patience {
  readonly #waiters = new Set<Waiter>()
  #isTicking = false
  #turn = 0
  #progressTurn = 0

  /** Calls `onOver` after `ms`, a little earlier or later, unless ended before. Returns how to end it. */
  begin(ms: number, onOver: () => void): () => void {
    const endsMs = performance.now() + Math.max(ms, mostMs)
    const waiter: Waiter = { turns: Math.ceil(ms / turnMs), fromTurn: this.#turn, endsMs, onOver }
    this.#waiters.add(waiter)
    if (!this.#isTicking) this.#tick()
    return () => this.#waiters.delete(waiter)
  }

  /** An answer has come in good time: all who wait begin to wait anew. */
  noteProgress(): void {
    this.#progressTurn = this.#turn
  }

  #tick(): void {
    this.#isTicking = true
    // Between a timer and an immediate the loop reads what has arrived.
    setTimeout(() => setImmediate(() => this.#endTurn()), turnMs).unref()
  }

  #endTurn(): void {
    this.#isTicking = false
    this.#turn += 1
    const nowMs = performance.now()
    for (const waiter of this.#waiters) {
      const waitedTurns = this.#turn - Math.max(waiter.fromTurn, this.#progressTurn)
      if (waitedTurns < waiter.turns && nowMs < waiter.endsMs) continue
      this.#waiters.delete(waiter)
      waiter.onOver()
    }
    if (this.#waiters.size > 0 && !this.#isTicking) this.#tick()
  }
}
