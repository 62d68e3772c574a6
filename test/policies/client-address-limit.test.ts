// `per: ClientIP` counts who is behind an address, however that is written and however many of them they have.
import { expect, test } from 'vitest'
import { RateLimitStore } from '../../src/policies/rate-limit/enforce.ts'
import type { RateLimit } from '../../src/routing/table.ts'

const limit: RateLimit = { id: 'default/r/requestsPerHour', requests: 1, windowSeconds: 3_600, per: 'ClientIP' }

/** Whether each of these addresses, one after another, is admitted under a limit of one. */
async function admitAll(...addresses: readonly string[]): Promise<readonly boolean[]> {
  const store = new RateLimitStore()
  const admitted: boolean[] = []
  for (const clientAddress of addresses) {
    admitted.push((await store.admit([limit], { consumer: null, clientAddress })).isAdmitted)
  }
  return admitted
}

test('every IPv4 address is its own', async () => {
  expect(await admitAll('192.0.2.1', '192.0.2.2', '192.0.2.1')).toEqual([true, true, false])
})

test('an IPv4 address mapped into IPv6 is that address', async () => {
  expect(await admitAll('192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.2')).toEqual([true, false, true])
})

test('a /64 of IPv6 is one client', async () => {
  expect(await admitAll('2001:db8::1', '2001:db8:0:0:ffff::2', '2001:DB8:0:1::1')).toEqual([true, false, true])
})

test('what is no address is taken as it is', async () => {
  expect(await admitAll('', 'fe80::1%eth0', 'fe80::2%eth0')).toEqual([true, true, false])
})
