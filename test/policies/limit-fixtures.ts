// Limits, callers and clocks for tests of counting without a gateway.
import { createCharges, type LimitSubject } from '../../src/policies/limits/enforce.ts'
import type { LimitClock } from '../../src/policies/limits/memory-store.ts'
import { MemoryLimitStore } from '../../src/policies/limits/memory-store.ts'
import type { Acquisition, Charge, LimitState } from '../../src/policies/limits/store.ts'
import type { Limit } from '../../src/routing/limit.ts'
import { countOf, type Quantity } from '../../src/routing/quantity.ts'

export type LimitFields = Partial<Omit<Limit, 'amount'>> & Readonly<{ amount?: number | Quantity }>

/** One request a minute for everybody, but for what is said. */
export function createLimit({ amount = 1, ...fields }: LimitFields = {}): Limit {
  return {
    id: 'default/r/requestsPerMinute',
    group: 'default',
    unit: 'requests',
    amount: typeof amount === 'number' ? countOf(amount) : amount,
    window: { kind: 'fixed', seconds: 60 },
    per: [],
    onStoreFailure: 'Allow',
    currency: null,
    softPercent: null,
    ...fields,
  }
}

export function createSubject(fields: Partial<LimitSubject> = {}): LimitSubject {
  return { consumer: 'default/p/a', routeId: 'default/r', modelName: 'm', clientAddress: '192.0.2.1', ...fields }
}

export type TestClock = LimitClock & {
  /** Both clocks go on. */
  advance(ms: number): void
  /** The wall clock alone is set. */
  setEpoch(epochMs: number): void
}

export function createClock(epochMs = Date.UTC(2026, 10, 22, 12)): TestClock {
  let now = 5_000.25
  let epoch = epochMs
  return {
    nowMs: () => now,
    epochMs: () => epoch,
    advance(ms) {
      now += ms
      epoch += ms
    },
    setEpoch(ms) {
      epoch = ms
    },
  }
}

export type Asked = Readonly<{
  outcome: Acquisition['outcome']
  charges: readonly Charge[]
  states: readonly LimitState[]
  /** Ends the request: permits go back, reserves become what was used (nothing, unless said). */
  settle(used?: Readonly<{ tokens?: number; cost?: Quantity }>): void
}>

/** A request of these limits; `reserve` is what it may use. */
export function ask(
  store: MemoryLimitStore,
  limits: readonly Limit[],
  fields: Partial<LimitSubject> = {},
  reserve: Readonly<{ tokens?: number; cost?: Quantity }> = {},
): Asked {
  const charges = createCharges(limits, createSubject(fields), readUsage(reserve))
  const acquired = store.acquire(charges)
  const hold = acquired.outcome === 'admitted' ? acquired.hold : null
  return {
    outcome: acquired.outcome,
    charges,
    states: acquired.outcome === 'unavailable' ? [] : acquired.states,
    settle: (used = {}) => {
      const usage = readUsage(used)
      hold?.settle(createCharges(limits, createSubject(fields), usage).map(({ amount }) => amount))
    },
  }
}

function readUsage({ tokens = 0, cost = countOf(0) }: Readonly<{ tokens?: number; cost?: Quantity }>) {
  return { tokens, costIn: () => cost }
}

/** How many of so many requests, one after another, are admitted. */
export function countAdmitted(store: MemoryLimitStore, limits: readonly Limit[], requests: number): number {
  let admitted = 0
  for (let at = 0; at < requests; at++) if (ask(store, limits).outcome === 'admitted') admitted++
  return admitted
}

export function createStore(clock: LimitClock = createClock()): MemoryLimitStore {
  return new MemoryLimitStore(clock)
}
