// B1, B2, B3: events are read the same however their bytes are cut.
import { expect, test } from 'vitest'
import { type SseMessage, SseReader } from '../../src/wire/sse-reader.ts'

function readIn(pieces: readonly Buffer[]): readonly SseMessage[] {
  const reader = new SseReader()
  return pieces.flatMap((piece) => reader.push(piece))
}

const streams: Readonly<Record<string, readonly [string, readonly SseMessage[]]>> = {
  'line feeds': [
    'data: a\n\nevent: x\ndata: b\n\n',
    [
      { event: null, data: 'a' },
      { event: 'x', data: 'b' },
    ],
  ],
  'carriage returns and both': [
    'data: a\r\rdata: b\r\n\r\ndata: c\n\n',
    ['a', 'b', 'c'].map((data) => ({ event: null, data })),
  ],
  'a byte order mark, comments, no space, unknown fields': [
    '\ufeff: hi\n:\ndata:a\nid: 1\nretry: 5\nfoo: bar\n\n',
    [{ event: null, data: 'a' }],
  ],
  'several data lines, an empty one among them': ['data: a\ndata\ndata:  b\n\n', [{ event: null, data: 'a\n\n b' }]],
  'an event without data says nothing': ['event: ping\n\ndata: a\n\n', [{ event: null, data: 'a' }]],
  'characters of two, three and four bytes': ['data: é€😀👩‍👩‍👧\n\n', [{ event: null, data: 'é€😀👩‍👩‍👧' }]],
  'an event without its blank line is not there': ['data: a\n\ndata: b\n', [{ event: null, data: 'a' }]],
}

test.each(Object.entries(streams))('%s', (_name, [text, expected]) => {
  const bytes = Buffer.from(text)
  expect(readIn([bytes])).toEqual(expected)
  expect(readIn([...bytes].map((byte) => Buffer.of(byte)))).toEqual(expected)
  for (let at = 1; at < bytes.length; at++) {
    expect(readIn([bytes.subarray(0, at), bytes.subarray(at)]), `split at ${at}`).toEqual(expected)
  }
})

test('an event over the cap is refused, in one line or in many', () => {
  expect(() => new SseReader(100).push(Buffer.alloc(101, 0x61))).toThrow('longer than 100 bytes')
  const reader = new SseReader(100)
  expect(() => {
    for (let count = 0; count < 20; count++) reader.push(Buffer.from('data: 12345678\n'))
  }).toThrow('longer than 100 bytes')
})
