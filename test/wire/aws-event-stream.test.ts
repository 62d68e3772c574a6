// B1, B12: AWS's binary frames are read the same however their bytes are cut, and no damaged one is taken for a good one.
// Frames are made by AWS's own codec.
import { EventStreamCodec } from '@smithy/eventstream-codec'
import { expect, test } from 'vitest'
import { AwsEventStreamReader, type EventStreamMessage } from '../../src/wire/aws-event-stream.ts'

const codec = new EventStreamCodec(
  (input) => Buffer.from(typeof input === 'string' ? input : Uint8Array.from(input)).toString('utf8'),
  (input) => new Uint8Array(Buffer.from(input)),
)

function encode(headers: Parameters<typeof codec.encode>[0]['headers'], payload: string): Buffer {
  return Buffer.from(codec.encode({ headers, body: new Uint8Array(Buffer.from(payload)) }))
}

const event = encode(
  {
    ':event-type': { type: 'string', value: 'contentBlockDelta' },
    ':content-type': { type: 'string', value: 'application/json' },
    ':message-type': { type: 'string', value: 'event' },
  },
  '{"contentBlockIndex":0,"delta":{"text":"é😀"},"p":"abcdef"}',
)
const everyType = encode(
  {
    yes: { type: 'boolean', value: true },
    no: { type: 'boolean', value: false },
    byte: { type: 'byte', value: -7 },
    short: { type: 'short', value: -1234 },
    integer: { type: 'integer', value: -123_456_789 },
    binary: { type: 'binary', value: new Uint8Array([0, 255, 7]) },
    string: { type: 'string', value: 'né' },
    timestamp: { type: 'timestamp', value: new Date(1_795_000_000_000) },
    uuid: { type: 'uuid', value: '1f476b96-75b3-4223-a19b-cccf591d161c' },
  },
  '',
)
const bare = encode({}, '')

function readIn(pieces: readonly Buffer[]): readonly EventStreamMessage[] {
  const reader = new AwsEventStreamReader()
  return pieces.flatMap((piece) => reader.push(piece))
}

const rendered = (messages: readonly EventStreamMessage[]) =>
  messages.map(({ headers, payload }) => ({ headers: [...headers], payload: payload.toString() }))

const expected = [
  {
    headers: [
      [':event-type', 'contentBlockDelta'],
      [':content-type', 'application/json'],
      [':message-type', 'event'],
    ],
    payload: '{"contentBlockIndex":0,"delta":{"text":"é😀"},"p":"abcdef"}',
  },
  {
    headers: [
      ['yes', true],
      ['no', false],
      ['byte', -7],
      ['short', -1234],
      ['integer', -123_456_789],
      ['binary', Buffer.from([0, 255, 7])],
      ['string', 'né'],
      ['timestamp', 1_795_000_000_000],
      ['uuid', '1f476b96-75b3-4223-a19b-cccf591d161c'],
    ],
    payload: '',
  },
  { headers: [], payload: '' },
]

test('B1: every type of header, payload and framing, split at every byte, as AWS writes them', () => {
  const bytes = Buffer.concat([event, everyType, bare])
  expect(rendered(readIn([bytes]))).toEqual(expected)
  expect(rendered(readIn([...bytes].map((byte) => Buffer.of(byte))))).toEqual(expected)
  for (let at = 1; at < bytes.length; at++) {
    expect(rendered(readIn([bytes.subarray(0, at), bytes.subarray(at)])), `split at ${at}`).toEqual(expected)
  }
})

test('a long header is read, whose type the codec has no plain value for', () => {
  const frame = encode({ n: { type: 'integer', value: 1 } }, '')
  // The same message by hand: type 5 and eight bytes.
  const headers = Buffer.concat([Buffer.of(1), Buffer.from('n'), Buffer.of(5), Buffer.from('fffffffffffffffe', 'hex')])
  expect(readIn([frameOf(headers, Buffer.alloc(0))])[0]?.headers.get('n')).toBe(-2n)
  expect(readIn([frame])[0]?.headers.get('n')).toBe(1)
})

test('B12: one damaged byte anywhere is refused, never read', () => {
  for (let at = 0; at < event.length; at++) {
    const damaged = Buffer.from(event)
    damaged[at] = (damaged[at] ?? 0) ^ 0x10
    const reader = new AwsEventStreamReader()
    expect(() => {
      const messages = reader.push(damaged)
      // A prelude that says more bytes are to come would need its own checksum to match.
      if (messages.length === 0) throw new Error('waits for more')
    }, `byte ${at}`).toThrow(/checksum/)
  }
})

test('a message that is cut is not there, and the reader says that it is inside one', () => {
  for (let at = 1; at < event.length; at++) {
    const reader = new AwsEventStreamReader()
    expect(reader.push(event.subarray(0, at))).toEqual([])
    expect(reader.isInsideMessage).toBe(true)
  }
  const reader = new AwsEventStreamReader()
  reader.push(event)
  expect(reader.isInsideMessage).toBe(false)
})

test('lengths over the caps, or that contradict each other, are refused before anything is held', () => {
  expect(() => new AwsEventStreamReader(100).push(event)).toThrow('longer than 100 bytes')
  expect(() => new AwsEventStreamReader().push(prelude(0xffff_ffff, 0))).toThrow('longer than')
  expect(() => new AwsEventStreamReader().push(prelude(1_000_000, 200_000))).toThrow('headers of a message')
  expect(() => new AwsEventStreamReader().push(prelude(20, 5))).toThrow('shorter than its headers')
  expect(() => new AwsEventStreamReader().push(prelude(4, 0))).toThrow('shorter than its headers')
})

test.each([
  ['a name longer than the headers', Buffer.from('ff6162', 'hex')],
  ['a text longer than the headers', Buffer.from('0161070010616263', 'hex')],
  ['bytes longer than the headers', Buffer.from('0161060010616263', 'hex')],
  ['a number that is cut', Buffer.from('01610400', 'hex')],
  ['a UUID that is cut', Buffer.from('0161090011', 'hex')],
  ['no type', Buffer.from('0161', 'hex')],
  ['an unknown type', Buffer.from('01610a', 'hex')],
])('%s is refused', (_name, headers) => {
  expect(() => readIn([frameOf(headers, Buffer.from('{}'))])).toThrow(/a header (is cut|has type 10)/)
})

test('what is no event stream at all is refused at once', () => {
  expect(() => readIn([Buffer.from('data: {"hello":1}\n\n')])).toThrow('checksum')
})

/** A frame with sound lengths and checksums around headers of our own. AWS's codec checks that it is one. */
function frameOf(headers: Buffer, payload: Buffer): Buffer {
  const template = Buffer.from(codec.encode({ headers: {}, body: new Uint8Array(0) }))
  const head = prelude(template.length + headers.length + payload.length, headers.length)
  const body = Buffer.concat([head, headers, payload])
  return Buffer.concat([body, checksum(body)])
}

function prelude(total: number, headers: number): Buffer {
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32BE(total, 0)
  lengths.writeUInt32BE(headers, 4)
  return Buffer.concat([lengths, checksum(lengths)])
}

/** CRC-32 bit by bit, as ISO 3309 says it: not the function under test. */
function checksum(bytes: Buffer): Buffer {
  let crc = 0xffff_ffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1
  }
  const out = Buffer.alloc(4)
  out.writeUInt32BE((crc ^ 0xffff_ffff) >>> 0)
  return out
}
