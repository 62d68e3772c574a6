// G2: two hundred requests for a name whose server is slow make one lookup, so that lookups of other names find a thread;
// and an address is never older than the lookup that the connection asked for.
import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { type LookupAll, shareLookup } from '../../src/upstream/share-lookup.ts'

type Asked = Readonly<{ hostname: string; answer: Parameters<LookupAll>[2] }>

function start() {
  const asked: Asked[] = []
  let now = 0
  const lookup = shareLookup(
    (hostname, _options, answer) => void asked.push({ hostname, answer }),
    () => now,
  )
  const find = (hostname: string) =>
    new Promise<string>((resolve) => {
      lookup(hostname, { all: true }, (error, addresses) => resolve(error?.message ?? addresses[0]?.address ?? ''))
    })
  const wait = (ms: number) => {
    now += ms
  }
  return { asked, find, wait }
}

const at = (address: string): LookupAddress[] => [{ address, family: 4 }]

test('G2: askers at the same time share one lookup, other names have their own', async () => {
  const { asked, find } = start()
  const slow = Array.from({ length: 200 }, () => find('slow.test'))
  const other = find('other.test')
  expect(asked.map(({ hostname }) => hostname)).toEqual(['slow.test', 'other.test'])
  asked[1]?.answer(null, at('10.0.0.2'))
  expect(await other).toBe('10.0.0.2')
  asked[0]?.answer(null, at('10.0.0.1'))
  expect(new Set(await Promise.all(slow))).toEqual(new Set(['10.0.0.1']))
})

test('G2: who asks afterwards gets the new address', async () => {
  const { asked, find } = start()
  const first = find('moved.test')
  asked[0]?.answer(null, at('10.0.0.1'))
  expect(await first).toBe('10.0.0.1')
  const second = find('moved.test')
  asked[1]?.answer(null, at('10.0.0.9'))
  expect(await second).toBe('10.0.0.9')
})

test('G2: a failure is everybody’s who waited, and nobody’s who asks next', async () => {
  const { asked, find } = start()
  const waiting = [find('gone.test'), find('gone.test')]
  asked[0]?.answer(new Error('ENOTFOUND'), [])
  expect(await Promise.all(waiting)).toEqual(['ENOTFOUND', 'ENOTFOUND'])
  const next = find('gone.test')
  asked[1]?.answer(null, at('10.0.0.1'))
  expect(await next).toBe('10.0.0.1')
})

test('G2: nobody waits behind a lookup that hangs for more than two seconds', async () => {
  const { asked, find, wait } = start()
  const hanging = find('slow.test')
  wait(2_000)
  const next = find('slow.test')
  expect(asked).toHaveLength(2)
  asked[1]?.answer(null, at('10.0.0.2'))
  expect(await next).toBe('10.0.0.2')
  asked[0]?.answer(null, at('10.0.0.1'))
  expect(await hanging).toBe('10.0.0.1')
})
