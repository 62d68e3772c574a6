import { describe, expect, test } from 'vitest'
import { checkResponseHead } from '../../src/wire/response-head.ts'

const check = checkResponseHead

const invalid = expect.objectContaining({ code: 'upstream_invalid_response' })

describe('G6 an upstream response head', () => {
  test.each([
    ['none', 200, []],
    ['a length', 200, ['Content-Length', '3', 'Content-Type', 'application/json']],
    ['chunks', 500, ['TRANSFER-ENCODING', 'Chunked']],
    ['an empty 204', 204, ['Content-Length', '0']],
    ['a 304 with the length it would have', 304, ['Content-Length', '5']],
    ['text above ASCII, tabs', 599, ['X-A', 'caf\xe9\tx', 'x_b', '']],
  ])('passes with %s', (_, status, headers) => {
    expect(() => check(status, headers)).not.toThrow()
  })

  test.each([99, 100, 101, 103, 199, 600, 999, 0, Number.NaN, 200.5])('status %d is refused', (status) => {
    expect(() => check(status, [])).toThrow(invalid)
  })

  test.each([
    [['Transfer-Encoding', 'chunked, chunked']],
    [['Transfer-Encoding', 'gzip, chunked']],
    [['Transfer-Encoding', 'identity']],
    [['Transfer-Encoding', 'x']],
    [['Transfer-Encoding', '']],
    [['Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked']],
    [['Transfer-Encoding', 'chunked', 'Content-Length', '3']],
    [['Content-Length', '3', 'Transfer-Encoding', 'chunked']],
    [['Content-Length', '3', 'Content-Length', '4']],
    [['Content-Length', '3', 'content-length', '3']],
    [['Content-Length', '3, 3']],
    [['Content-Length', '+3']],
    [['Content-Length', '']],
    [['Content-Length', '99999999999999999999']],
    [['', 'x']],
    [['a b', 'x']],
    [['a:', 'x']],
    [['a\r', 'x']],
    [['\xe9', 'x']],
    [['a', 'x\ry']],
    [['a', 'x\ny']],
    [['a', 'x\0']],
    [['a', '\x7f']],
  ])('%j is refused', (headers) => {
    expect(() => checkResponseHead(200, headers)).toThrow(invalid)
  })

  test('a 204 with a body is refused', () => {
    expect(() => check(204, ['Content-Length', '5'])).toThrow(invalid)
    expect(() => check(204, ['Transfer-Encoding', 'chunked'])).toThrow(invalid)
  })
})
