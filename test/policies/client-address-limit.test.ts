// `per: ClientIP` counts who is behind an address, however that is written and however many of them they have.
import { expect, test } from 'vitest'
import { createCharges } from '../../src/policies/limits/enforce.ts'
import { MemoryLimitStore } from '../../src/policies/limits/memory-store.ts'
import type { Limit } from '../../src/routing/limit.ts'
import { one } from '../../src/routing/quantity.ts'

const limit: Limit = {
  id: 'default/r/requestsPerHour',
  group: 'default',
  unit: 'requests',
  amount: one,
  window: { kind: 'fixed', seconds: 3_600 },
  per: ['clientAddress'],
  onStoreFailure: 'Allow',
  currency: null,
  softPercent: null,
}

/** Whether each of these addresses, one after another, is admitted under a limit of one. */
function admitAll(...addresses: readonly string[]): readonly boolean[] {
  const store = new MemoryLimitStore()
  return addresses.map((clientAddress) => {
    const subject = { consumer: null, routeId: 'default/r', modelName: null, clientAddress }
    return store.acquire(createCharges([limit], subject, null)).outcome === 'admitted'
  })
}

test('every IPv4 address is its own', () => {
  expect(admitAll('192.0.2.1', '192.0.2.2', '192.0.2.1')).toEqual([true, true, false])
})

test('an IPv4 address mapped into IPv6 is that address', () => {
  expect(admitAll('192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.2')).toEqual([true, false, true])
})

test('a /64 of IPv6 is one client', () => {
  expect(admitAll('2001:db8::1', '2001:db8:0:0:ffff::2', '2001:DB8:0:1::1')).toEqual([true, false, true])
})

test('what is no address is taken as it is', () => {
  expect(admitAll('', 'fe80::1%eth0', 'fe80::2%eth0')).toEqual([true, true, false])
})
