// Tokens that expire: one fetch for however many ask, a new one before the old one ends, the old one while the issuer is
// away, and no stampede whatever happens. The clock is the test's, the issuer a real server.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseServiceAccount } from '../../src/providers/parse-service-account.ts'
import type { ConnectorOptions } from '../../src/upstream/connector.ts'
import { fetchGoogleToken } from '../../src/upstream/credentials/fetch-google-token.ts'
import { TokenSource } from '../../src/upstream/credentials/token-source.ts'
import { json } from '../support/http-backend.ts'
import { createKeyFile, createTokenEndpoint, type TokenEndpoint } from '../support/token-endpoint.ts'
import { until } from '../support/until.ts'
import { ManualClock } from './manual-clock.ts'

const minuteMs = 60_000
const dialling: ConnectorOptions = { isAddressAllowed: () => true, resolve: [], simulator: null }

let endpoint: TokenEndpoint
let clock: ManualClock
let source: TokenSource
let begun: number
let ended: number

beforeEach(async () => {
  endpoint = await createTokenEndpoint()
  clock = new ManualClock()
  const { account } = parseServiceAccount(createKeyFile(endpoint.tokenUrl))
  if (account === null) throw new Error('no account')
  begun = 0
  ended = 0
  const fetchToken = (signal: AbortSignal) => {
    begun++
    return fetchGoogleToken(account, dialling, signal).finally(() => ended++)
  }
  source = new TokenSource({ fetchToken, clock })
})

afterEach(async () => {
  source.close()
  await endpoint.close()
})

const whenAsked = (count: number) =>
  until(() => endpoint.requests.length === count, `the issuer was asked ${count} times`)
/** The refresh has been taken: what is handed out now. */
const whenToken = (value: string) => until(() => source.get() === value, `${value} is handed out`)
const failure = { name: 'GatewayError', code: 'upstream_error' }

test('a hundred requests at once cause one fetch; later ones get the token at once', async () => {
  const tokens = await Promise.all(Array.from({ length: 100 }, () => source.get()))
  expect(new Set(tokens)).toEqual(new Set(['token-1']))
  expect(endpoint.requests).toHaveLength(1)
  expect(source.get()).toBe('token-1')
})

test('it is fetched anew before it ends, while the old one is handed out', async () => {
  await source.get()
  clock.advance(46 * minuteMs)
  expect(source.get()).toBe('token-1')
  expect(endpoint.requests).toHaveLength(1)
  clock.advance(2 * minuteMs)
  expect(source.get()).toBe('token-1')
  await whenToken('token-2')
  expect(endpoint.requests).toHaveLength(2)
  // From the second on the same.
  clock.advance(48 * minuteMs)
  await whenToken('token-3')
})

test.each([
  [0, 42],
  [0.999, 50.9],
])('a fleet does not come back at once: chance %s, after %s minutes', async (random, minutes) => {
  clock.random = random
  await source.get()
  clock.advance((minutes - 0.1) * minuteMs)
  expect(source.get()).toBe('token-1')
  expect(endpoint.requests).toHaveLength(1)
  clock.advance(0.2 * minuteMs)
  await whenAsked(2)
})

test('one that nobody uses is not kept fresh, and the next request waits for another', async () => {
  await source.get()
  clock.advance(120 * minuteMs)
  expect(endpoint.requests).toHaveLength(1)
  expect(await source.get()).toBe('token-2')
})

describe('while the issuer is away', () => {
  test('the old one goes on until it ends, asked for with growing pauses; then requests fail, and nothing secret is said', async () => {
    await source.get()
    source.get()
    endpoint.setHandler(json(503, { error: 'temporarily_unavailable' }))
    clock.advance(48 * minuteMs)
    await whenAsked(2)
    for (let request = 0; request < 50; request++) expect(source.get()).toBe('token-1')
    expect(endpoint.requests).toHaveLength(2)
    const asked: number[] = []
    const endsAtMs = clock.nowMs + 11 * minuteMs
    while (clock.nowMs < endsAtMs) {
      if (begun > ended) await until(() => begun === ended, 'the fetch has ended')
      // What follows its end has to follow, too.
      await new Promise((resolve) => setImmediate(resolve))
      const before = begun
      clock.advance(250)
      expect(source.get()).toBe('token-1')
      if (begun > before) asked.push(clock.nowMs)
    }
    const pauses = asked.slice(1).map((ms, at) => ms - (asked[at] ?? 0))
    expect(pauses.slice(0, 6)).toEqual([1_500, 3_000, 6_000, 12_000, 24_000, 45_000])
    expect(new Set(pauses.slice(5))).toEqual(new Set([45_000]))
    clock.advance(minuteMs)
    const error = await Promise.resolve(source.get()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject(failure)
    expect(String(error)).toContain('the issuer answered 503')
    expect(String(error)).not.toMatch(/token-1|acme|PRIVATE/)
  })

  test('without any token, requests fail at once between two tries, and go on when it is back', async () => {
    endpoint.setHandler(json(500, {}))
    await expect(Promise.resolve(source.get())).rejects.toMatchObject(failure)
    await expect(Promise.all(Array.from({ length: 100 }, () => source.get()))).rejects.toMatchObject(failure)
    expect(endpoint.requests).toHaveLength(1)
    endpoint.restore()
    clock.advance(2_000)
    expect(await source.get()).toBe('token-1')
  })

  test('nobody waits for longer than ten seconds', async () => {
    const silent = new TokenSource({ fetchToken: () => new Promise(() => {}), clock })
    const waiting = Promise.resolve(silent.get())
    clock.advance(10_000)
    await expect(waiting).rejects.toMatchObject(failure)
    silent.close()
  })
})

describe('a token that its receiver refuses', () => {
  test('is fetched anew once, for all who were refused with it', async () => {
    const refused = await source.get()
    const renewed = await Promise.all(Array.from({ length: 20 }, () => source.renew(refused)))
    expect(new Set(renewed)).toEqual(new Set([true]))
    expect(endpoint.requests).toHaveLength(2)
    expect(source.get()).toBe('token-2')
    // Whoever hears of the refusal late is told that there is another already.
    expect(await source.renew(refused)).toBe(true)
    expect(endpoint.requests).toHaveLength(2)
  })

  test('a receiver that refuses every token makes no stampede', async () => {
    await source.get()
    expect(await source.renew('token-1')).toBe(true)
    for (let request = 0; request < 20; request++) expect(await source.renew('token-2')).toBe(false)
    expect(endpoint.requests).toHaveLength(2)
    clock.advance(31_000)
    expect(await source.renew('token-2')).toBe(true)
    expect(endpoint.requests).toHaveLength(3)
  })

  test('the old one stays where there is no other', async () => {
    await source.get()
    endpoint.setHandler(json(503, {}))
    expect(await source.renew('token-1')).toBe(false)
    expect(source.get()).toBe('token-1')
  })
})

test('after the end nothing is fetched any more', async () => {
  await source.get()
  source.close()
  clock.advance(48 * minuteMs)
  expect(source.get()).toBe('token-1')
  clock.advance(60 * minuteMs)
  await expect(Promise.resolve(source.get())).rejects.toMatchObject(failure)
  expect(endpoint.requests).toHaveLength(1)
})
