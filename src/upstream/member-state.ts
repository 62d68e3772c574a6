// What is known of one backend while the process runs: how busy, how fast, how well. Outlives tables; shared by all
// routes that lead to it. Written by attempts and health, read by strategies.

export class MemberState {
  /** Attempts under way. */
  active = 0
  /** Decayed mean of the time to the first byte, milliseconds; 0: nothing known yet. */
  firstByteMs = 0
  /** performance.now() until which it is passed over where another can be had; 0: in service. */
  restsUntil = 0
}

/** Keyed by target and, where a Service has several, by address. */
export class MemberStates {
  readonly #states = new Map<string, MemberState>()

  get(key: string): MemberState {
    let state = this.#states.get(key)
    if (state === undefined) {
      state = new MemberState()
      this.#states.set(key, state)
    }
    return state
  }

  /** Forgets what is not in `inUse`. */
  sweep(inUse: ReadonlySet<MemberState>): void {
    for (const [key, state] of this.#states) if (!inUse.has(state)) this.#states.delete(key)
  }
}
