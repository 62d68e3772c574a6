// What is remembered of tokens is bounded, and what is in use stays.
import { expect, test } from 'vitest'
import { SeenTokens } from '../../../src/policies/jwt/seen-tokens.ts'

test('a flood of tokens never makes it larger than two generations, and the latest are there', () => {
  const seen = new SeenTokens<number>(100)
  for (let at = 0; at < 10_000; at++) {
    seen.set(`t${at}`, at)
    expect(seen.size).toBeLessThanOrEqual(200)
  }
  for (let at = 9_900; at < 10_000; at++) expect(seen.get(`t${at}`)).toBe(at)
  expect(seen.get('t0')).toBeUndefined()
})

test('one that is asked for now and then outlives the others', () => {
  const seen = new SeenTokens<number>(100)
  seen.set('kept', 1)
  for (let at = 0; at < 1_000; at++) {
    seen.set(`t${at}`, at)
    if (at % 90 === 0) expect(seen.get('kept')).toBe(1)
  }
  expect(seen.get('kept')).toBe(1)
  seen.delete('kept')
  expect(seen.get('kept')).toBeUndefined()
})
