// The ruler of `npm run bench -- --only limits jwt redis`: differences are of one round, manifests are good, a token is true.
import { createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { renderManifests } from '../../loadtest/policy-cost/render-manifests.ts'
import { readCpuAims, readCpuFigures } from '../../loadtest/policy-cost/results.ts'
import { signBenchToken } from '../../loadtest/policy-cost/sign-token.ts'

test('what a policy adds is the difference within a round, over batches of processes', () => {
  const batch = (base: readonly number[], added: number, noise = 0) =>
    new Map([
      ['keys', base] as const,
      ['keys again', base.map((value) => value + noise)] as const,
      ['requests', base.map((value) => value + added)] as const,
    ])
  // The machine slows down by half on the way, and the second batch's processes are dearer by themselves.
  const batches = [batch([80, 100, 120], 2), batch([90, 110, 135], 4), batch([80, 100, 120], 2.5)]
  const figures = readCpuFigures(batches, 'requests')
  expect(figures.addedMicros).toBe(2.5)
  expect(figures.addedRangeMicros).toEqual([2, 4])
  expect(figures.addedQuietMicros).toBe(2.5)
  expect(readCpuAims(batches)).toMatchObject([{ value: 2.5, verdict: 'met' }])
  expect(readCpuAims([batch([80], 3.5)])).toMatchObject([{ verdict: 'MISSED' }])
  // Two equal processes differ by more than what is asked about.
  expect(readCpuAims([batch([80], 2.5, -1)])).toMatchObject([{ verdict: 'unclear' }])
})

test('a variant differs in what it is named for', () => {
  const read = (limits: 'none' | 'requests' | 'all') =>
    parseAllDocuments(renderManifests(limits, '{}')).map((document) => JSON.stringify(document.toJS()))
  expect(read('none').join()).not.toMatch(/rateLimit|budgets/)
  expect(
    read('requests')
      .join()
      .match(/PerMinute/g),
  ).toHaveLength(2)
  expect(read('all').join()).toMatch(/requestsPerMinute.*requestsPerMinute.*tokensPerMinute.*concurrent.*budgets/)
})

test('the token is signed by the key that the key set holds', () => {
  const { token, jwks } = signBenchToken()
  const [head = '', claims = '', signature = ''] = token.split('.')
  expect(jwks).not.toContain('"d":')
  const key = createPublicKey({ key: JSON.parse(jwks).keys[0], format: 'jwk' })
  const check = { key, dsaEncoding: 'ieee-p1363' } as const
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), check, Buffer.from(signature, 'base64url'))).toBe(true)
})
