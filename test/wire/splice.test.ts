import { describe, expect, test } from 'vitest'
import { scanBody } from '../../src/wire/scan-body.ts'
import { insertMembers, spliceBody } from '../../src/wire/splice.ts'

function splice(text: string, edits: Parameters<typeof spliceBody>[1]): string {
  return spliceBody(Buffer.from(text), edits).toString()
}

describe('splice a body', () => {
  test('without edits it is the body itself', () => {
    const body = Buffer.from('{}')
    expect(spliceBody(body, [])).toBe(body)
  })

  test('replaces, inserts, removes, in order', () => {
    expect(
      splice('0123456789', [
        { start: 0, end: 0, bytes: 'a' },
        { start: 2, end: 4, bytes: Buffer.from('\u00e9') },
        { start: 4, end: 4, bytes: 'b' },
        { start: 9, end: 10, bytes: '' },
        { start: 10, end: 10, bytes: 'c' },
      ]),
    ).toBe('a01\u00e9b45678c')
  })

  test.each([
    [{ start: 3, end: 2, bytes: '' }],
    [
      { start: 0, end: 3, bytes: '' },
      { start: 2, end: 3, bytes: '' },
    ],
    [{ start: 0, end: 11, bytes: '' }],
    [{ start: -1, end: 0, bytes: '' }],
  ])('edits out of order or range are a bug: %j', (...edits) => {
    expect(() => splice('0123456789', edits)).toThrow(RangeError)
  })

  test.each([
    ['{"model":"a"}', '{"temperature":0.7,"top_p":1,"model":"b/c"}'],
    [' { "x" : 1, "model" : "a" } ', ' {"temperature":0.7,"top_p":1, "x" : 1, "model" : "b/c" } '],
  ])('members and a model name go into %j', (text, expected) => {
    const found = scanBody(Buffer.from(text))
    const insert = insertMembers(found, ['"temperature":0.7', '"top_p":1'])
    const edits = [
      ...(insert === null ? [] : [insert]),
      { start: found.modelStart, end: found.modelEnd, bytes: '"b/c"' },
    ]
    expect(splice(text, edits)).toBe(expected)
  })

  test('an empty object gets no comma, and no members are no edit', () => {
    const insert = insertMembers(scanBody(Buffer.from('{ }')), ['"a":1', '"b":2'])
    expect(splice('{ }', insert === null ? [] : [insert])).toBe('{"a":1,"b":2 }')
    expect(insertMembers({ firstKeyOffset: 1, isEmptyObject: true }, [])).toBeNull()
  })
})
