// What a path says in its query of its own can't be said again by a client (D2).
import { expect, test } from 'vitest'
import { joinQuery } from '../../src/wire/join-query.ts'

test.each([
  ['/a', '', '/a'],
  ['/a', '?x=1&X=2', '/a?x=1&X=2'],
  ['/a?v=1', '', '/a?v=1'],
  ['/a?v=1', '?', '/a?v=1'],
  ['/a?v=1', '?beta=true&b=%20+', '/a?v=1&beta=true&b=%20+'],
  ['/a?v=1', '?v=2', '/a?v=1'],
  ['/a?api-version=1', '?API-Version=2&api%2Dversion=3&api-version&x=1', '/a?api-version=1&x=1'],
])('%s and %s: %s', (path, query, joined) => {
  expect(joinQuery(path, query)).toBe(joined)
})
