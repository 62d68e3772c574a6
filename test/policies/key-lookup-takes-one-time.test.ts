// C8: how long a key's lookup takes tells nothing of how near it was: keys that share all but their last signs with a
// stored one, and keys that share none, 200,000 of each kind in turns, Welch's t below 4.5 (dudect's bound). A noisy
// machine may disturb one round, not all; a comparison sign by sign is found out by the same measurement.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { bindKeyIndex, digestPresented, findCallers } from '../../src/policies/authentication/enforce.ts'
import { TokenBinder } from '../../src/policies/jwt/token-index.ts'

const stored = `sk-sluice-${randomBytes(48).toString('base64url')}`
const others = Array.from({ length: 1_000 }, () => `sk-sluice-${randomBytes(48).toString('base64url')}`)
const keys = [stored, ...others].map((key) => ({ digest: digestPresented(key), consumer: 'c' }))
const index = bindKeyIndex(
  [
    {
      id: 'default/callers',
      consumers: [{ name: 'c', isNamed: false, models: null, limits: [] }],
      defaults: { models: null, limits: [] },
      keys,
      issuers: [],
    },
  ],
  new TokenBinder({ openKeys: unused, now: Date.now }),
)

function unused(): never {
  throw new Error('there is no issuer of tokens')
}

/** In all: a round that nothing disturbed is enough. */
const tries = 200_000
const maxRounds = 12
const variants = 256

/** All of one length and representation; wrong in their last 4 signs, or from the first one on. */
function makeKeys(shared: number): readonly string[] {
  return Array.from({ length: variants }, () => {
    const tail = randomBytes(stored.length)
      .toString('base64url')
      .slice(0, stored.length - shared)
    return Buffer.from(stored.slice(0, shared) + tail, 'latin1').toString('latin1')
  })
}
const near = makeKeys(stored.length - 4)
const far = makeKeys(0)

/** Welch's t of the two kinds' times, in turns by lot, without the slowest tenth (garbage collection, other processes). */
function measure(look: (key: string) => boolean): number {
  const times = { near: new Float64Array(tries), far: new Float64Array(tries) }
  const coins = randomBytes(tries)
  let found = 0
  for (let at = 0; at < tries; at++) {
    const order = (coins[at] ?? 0) % 2 === 0 ? (['near', 'far'] as const) : (['far', 'near'] as const)
    for (const kind of order) {
      const key = (kind === 'near' ? near : far)[at % variants] ?? ''
      const startedAt = process.hrtime.bigint()
      if (look(key)) found += 1
      times[kind][at] = Number(process.hrtime.bigint() - startedAt)
    }
  }
  expect(found).toBe(0)
  const cutAt = Float64Array.from([...times.near, ...times.far]).sort()[Math.floor(tries * 1.8)] ?? 0
  const [a, b] = [times.near, times.far].map((all) => describeTimes(all.filter((time) => time <= cutAt)))
  if (a === undefined || b === undefined) return Number.NaN
  return Math.abs(a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count)
}

function describeTimes(times: Float64Array): Readonly<{ mean: number; variance: number; count: number }> {
  const count = times.length
  const mean = times.reduce((sum, time) => sum + time, 0) / count
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (count - 1)
  return { mean, variance, count }
}

test('C8: the lookup takes as long for a key that is nearly right as for one that is all wrong', () => {
  const look = (key: string) => findCallers(index, key, digestPresented(key)) !== undefined
  expect(look(stored)).toBe(true)
  const rounds: number[] = []
  do rounds.push(measure(look))
  while ((rounds.at(-1) ?? 0) >= 4.5 && rounds.length < maxRounds)
  expect(Math.min(...rounds), `t of each round: ${rounds.join(', ')}`).toBeLessThan(4.5)
})

test('C8: the measurement would see a comparison that stops at the first difference', () => {
  const look = (key: string) => {
    for (let at = 0; at < stored.length; at++) if (key[at] !== stored[at]) return false
    return true
  }
  expect(measure(look)).toBeGreaterThan(4.5)
})
