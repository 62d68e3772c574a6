// Owns what the acquire script's answer says: how the counts stand, and what the request holds by it. Asks nothing.
import type { Charge, LimitState, RefusedState } from '../store.ts'
import { countedMember, type Lease } from './leases.ts'

/** Behind status and time an answer has three numbers for each charge: whole, fraction, end of the window. */
export function readStates(charges: readonly Charge[], reply: readonly number[]): readonly LimitState[] {
  const nowMs = reply[1] ?? 0
  return charges.map(({ limit }, at) => {
    const used = { whole: reply[2 + at * 3] ?? 0, fraction: reply[3 + at * 3] ?? 0 }
    const endsMs = reply[4 + at * 3] ?? 0
    return { limit, used, resetMs: limit.window === null ? null : Math.max(1, endsMs - nowMs) }
  })
}

/** Behind the states of a refusal: what of each is reserved. */
export function addHeld(states: readonly LimitState[], reply: readonly number[]): readonly RefusedState[] {
  const from = 2 + states.length * 3
  return states.map((state, at) => ({
    ...state,
    held: { whole: reply[from + at * 2] ?? 0, fraction: reply[from + 1 + at * 2] ?? 0 },
  }))
}

/** The permits and reserves of an admitted request. */
export function listLeases(
  charges: readonly Charge[],
  keys: readonly string[],
  id: string,
  reply: readonly number[],
): readonly Lease[] {
  const leases: Lease[] = []
  let keyAt = 0
  for (const [chargeAt, { limit, amount }] of charges.entries()) {
    const limitKey = keys[keyAt++] ?? ''
    const endsMs = reply[4 + chargeAt * 3] ?? 0
    if (limit.unit === 'requests') continue
    if (limit.unit === 'concurrency') {
      leases.push({ keys: [limitKey], member: id, endsMs: null, chargeAt })
      continue
    }
    const heldKey = keys[keyAt++] ?? ''
    const member = `${id} ${amount.whole} ${amount.fraction}`
    leases.push({ keys: [heldKey, limitKey], member, endsMs, chargeAt })
  }
  return leases
}

/** The plain counts of an admitted request, to be taken off again. */
export function listCounted(
  charges: readonly Charge[],
  keys: readonly string[],
  reply: readonly number[],
): readonly Lease[] {
  const counted: Lease[] = []
  let keyAt = 0
  for (const [chargeAt, { limit }] of charges.entries()) {
    const limitKey = keys[keyAt] ?? ''
    keyAt += limit.unit === 'tokens' || limit.unit === 'cost' ? 2 : 1
    if (limit.unit !== 'requests') continue
    counted.push({ keys: [limitKey], member: countedMember, endsMs: reply[4 + chargeAt * 3] ?? 0, chargeAt })
  }
  return counted
}
