// What every strategy is: a choice among the open ones of one tier. Strategies read no clock, take chance from outside,
// and allocate nothing for a pick.

/** What is known of a backend while it is used. Written by others. */
export type Load = Readonly<{
  /** Requests under way. */
  active: number
  /** Decayed mean of the time to the first byte, milliseconds; 0: not known yet. */
  firstByteMs: number
  /** performance.now() since when somebody waits for a first byte and nobody got one; 0: nobody waits. */
  silentSince: number
  /** performance.now() when it was last picked; 0: never. */
  pickedAt: number
}>

export type Candidate = Readonly<{
  /** The same for the same backend in every table and in every process. */
  key: string
  /** Over 0; may be a fraction. */
  weight: number
  /** What a typical request costs, comparable with the others'; null: not known. */
  price: number | null
  load: Load
}>

export type Strategy = Readonly<{
  /**
   * The index of a candidate whose `isOpen` is 1; at least one is. `hash`: 32 bits of what the request is to be kept
   * together by, null where it has none of it. `now`: performance.now().
   */
  pick(isOpen: Uint8Array, hash: number | null, now: number): number
}>

/** Numbers in [0, 1). */
export type Random = () => number
