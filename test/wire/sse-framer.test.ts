import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/errors/gateway-error.ts'
import { SseFramer } from '../../src/wire/sse-framer.ts'
import { createRandom } from './random.ts'

const chat = [
  'data: {"id":"1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":null}\n\n',
  'data: {"id":"1","choices":[{"index":0,"delta":{"content":"Zażółć 👩‍👩‍👧 e\u0301 日本"}}],"usage":null}\n\n',
  ': keep-alive\n\n',
  'data: {"id":"1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}\n\n',
  'data: [DONE]\n\n',
].join('')

/** name → stream, usage, done, error, bytes left over. */
const golden: Record<
  string,
  { stream: string | Buffer; usage?: string; done?: boolean; error?: boolean; rest?: string }
> = {
  'events in chunks long enough to be passed without a look at every byte': {
    stream: `${'data: {"choices":[{"index":0,"delta":{"content":"wörd 🌧️"}}]}\n\n'.repeat(12)}data: {"usage":{"prompt_tokens":1}}\n\n${'data: {"choices":[]}\r\n\r\n: ping\n\n'.repeat(20)}data: [DONE]\n\n`,
    usage: '{"usage":{"prompt_tokens":1}}',
    done: true,
  },
  chat: {
    stream: chat,
    usage: '{"id":"1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}',
    done: true,
  },
  'chat with CRLF': {
    stream: chat.replaceAll('\n', '\r\n'),
    usage: '{"id":"1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}',
    done: true,
  },
  'chat with CR': {
    stream: chat.replaceAll('\n', '\r'),
    usage: '{"id":"1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}',
    done: true,
  },
  'mixed line ends': { stream: 'data: a\r\n\ndata: b\n\r\ndata: c\r\rdata: d\r\n\rdata: e\n\n' },
  anthropic: {
    stream:
      'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":3}}}\n\nevent: ping\ndata: {"type": "ping"}\n\n' +
      'event: message_delta\ndata: {"type":"message_delta","usage": {"output_tokens":9}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
    usage: '{"type":"message_delta","usage": {"output_tokens":9}}',
  },
  'BOM, and data without a space': { stream: '\ufeffdata:[DONE]\n\n', done: true },
  'a BOM that is not at the start': { stream: 'id: 1\n\n\ufeffdata:[DONE]\n\n' },
  'data in many lines': {
    stream: 'data: {"usage":\ndata:{"a":1}\ndata\ndata: }\n\n',
    usage: '{"usage":\n{"a":1}\n\n}',
  },
  'DONE in two lines is not it': { stream: 'data: [DONE]\ndata: \n\n' },
  'text around DONE is not it': {
    stream: 'data: x[DONE]\n\ndata: [DONE]x\n\ndata: [DON\n\ndata:  [DONE]\n\n',
  },
  'unknown fields, comments, bogus retry, NUL in id': {
    stream:
      ': c\nfoo: bar\ndatax: 1\ndat: 1\n data: 1\nid: a\0b\nretry: x\n:in event\ndata: [DONE]\n\nevent\nretryx\nidx: 1\n\n',
    done: true,
  },
  'an event of no data is none': { stream: 'event: a\n\nid: 1\n\ndata\n\ndata:\n\n' },
  'no final blank line': { stream: 'data: a\n\ndata: [DONE]\n', rest: 'data: [DONE]\n' },
  'an incomplete line': { stream: 'data: a\n\n: comment\nda', rest: 'da' },
  'an error event': { stream: 'data: {"id":1}\n\ndata: {"id":2,"error":{"message":"x"}}\n\n', error: true },
  'no error events': {
    stream:
      'data: {"error":null}\n\ndata: {"a":{"error":1}}\n\ndata: {"content":"error"}\n\ndata: "error"\n\ndata: {"error"\n\n',
  },
  'usage as text, and null after a real one': {
    stream: 'data: {"usage":{"a":1}}\n\ndata: {"content":"usage"}\n\ndata: {"c":"\\"usage\\":1","usage" : null}\n\n',
    usage: '{"usage":{"a":1}}',
  },
  'bytes that are not UTF-8': {
    stream: Buffer.from('data: \xff\xfe\x80\n\n\xf0\x9f\ndata: \xe6\n\n', 'latin1'),
  },
  empty: { stream: '' },
}

type Outcome = Readonly<{ forwarded: Buffer[]; framer: SseFramer }>

function run(chunks: readonly Buffer[]): Outcome {
  const framer = new SseFramer()
  const forwarded: Buffer[] = []
  for (const chunk of chunks) {
    // The chunk's memory is the socket's: it may change once push has returned.
    const lent = Buffer.from(chunk)
    const out = framer.push(lent)
    if (out !== null) {
      expect(out.length).toBeGreaterThan(0)
      forwarded.push(Buffer.from(out))
    }
  }
  return { forwarded, framer }
}

function cut(stream: Buffer, offsets: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let from = 0
  for (const to of [...offsets, stream.length]) {
    chunks.push(stream.subarray(from, to))
    from = to
  }
  return chunks
}

describe('B1 B2 B3 golden streams', () => {
  for (const [name, { stream, usage, done, error, rest }] of Object.entries(golden)) {
    const bytes = Buffer.from(stream as string)
    const check = (chunks: readonly Buffer[]): void => {
      const { forwarded, framer } = run(chunks)
      expect(framer.rest.toString('latin1')).toBe(Buffer.from(rest ?? '').toString('latin1'))
      expect(Buffer.concat([...forwarded, framer.rest]).equals(bytes)).toBe(true)
      expect(framer.isDone).toBe(done ?? false)
      expect(framer.errorSeen).toBe(error ?? false)
      expect(framer.usageData?.toString() ?? null).toBe(usage ?? null)
    }

    test(`${name}: whole`, () => check([bytes]))
    test(`${name}: one byte a push`, () => check(cut(bytes, Array.from(bytes.keys()).slice(1))))
    test(`${name}: cut at every offset`, () => {
      for (let at = 0; at <= bytes.length; at++) check(cut(bytes, [at]))
    })
    test(`${name}: cut at random offsets`, () => {
      const random = createRandom(7)
      for (let round = 0; round < 200; round++) {
        const offsets = Array.from({ length: Math.floor(random() * 12) }, () =>
          Math.floor(random() * (bytes.length + 1)),
        )
        check(
          cut(
            bytes,
            offsets.sort((one, two) => one - two),
          ),
        )
      }
    })
  }

  test('any bytes: nothing is changed, added or dropped, and cuts change no count', () => {
    const random = createRandom(11)
    const parts = [
      'data: ',
      'data',
      ':',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      'id',
      'event: x',
      '[DONE]',
      '{"usage":1}',
      '{"error":1}',
      '\ufeff',
      '\0',
      'x',
      ' ',
    ]
    for (let round = 0; round < 3_000; round++) {
      const text = Array.from(
        { length: 1 + Math.floor(random() * 25) },
        () => parts[Math.floor(random() * parts.length)],
      ).join('')
      const bytes = Buffer.from(text)
      const whole = run([bytes])
      const cuts = Array.from({ length: Math.floor(random() * 8) }, () => Math.floor(random() * (bytes.length + 1)))
      for (const chunks of [
        cut(
          bytes,
          cuts.sort((one, two) => one - two),
        ),
        cut(bytes, Array.from(bytes.keys()).slice(1)),
      ]) {
        const { forwarded, framer } = run(chunks)
        expect(Buffer.concat([...forwarded, framer.rest]).equals(bytes)).toBe(true)
        expect(framer.rest.equals(whole.framer.rest)).toBe(true)
        expect([framer.isDone, framer.errorSeen, framer.usageData]).toEqual([
          whole.framer.isDone,
          whole.framer.errorSeen,
          whole.framer.usageData,
        ])
      }
    }
  })
})

describe('what is forwarded when', () => {
  test('a chunk that ends an event is passed as it is, without a copy', () => {
    const framer = new SseFramer()
    for (const text of ['data: a\n\n', 'data: a\n\ndata: b\n\n', ': c\n', '\n', 'data: x\r\n\r\n']) {
      const chunk = Buffer.from(text)
      expect(framer.push(chunk)).toBe(chunk)
    }
    expect(framer.push(Buffer.alloc(0))).toBeNull()
  })

  test('never part of an event', () => {
    const framer = new SseFramer()
    expect(framer.push(Buffer.from('data: a\n\ndata: b'))?.toString()).toBe('data: a\n\n')
    expect(framer.rest.toString()).toBe('data: b')
    expect(framer.push(Buffer.from('c\n'))).toBeNull()
    expect(framer.push(Buffer.from(': comment in the event\n'))).toBeNull()
    expect(framer.push(Buffer.from('\nid: 1'))?.toString()).toBe('data: bc\n: comment in the event\n\n')
    expect(framer.rest.toString()).toBe('id: 1')
  })

  test('comments and unknown fields outside an event at once', () => {
    const framer = new SseFramer()
    expect(framer.push(Buffer.from(': ping\n'))?.toString()).toBe(': ping\n')
    expect(framer.push(Buffer.from('foo: bar\r'))?.toString()).toBe('foo: bar\r')
    expect(framer.push(Buffer.from('\n'))?.toString()).toBe('\n')
  })

  test('an event that ends with CR is not held for the LF that may follow', () => {
    const framer = new SseFramer()
    expect(framer.push(Buffer.from('data: a\r\r'))?.toString()).toBe('data: a\r\r')
    expect(framer.push(Buffer.from('\ndata: b\r\n\r'))?.toString()).toBe('\ndata: b\r\n\r')
    expect(framer.push(Buffer.from('\n'))?.toString()).toBe('\n')
  })

  test('what was handed out is not written to again', () => {
    const framer = new SseFramer()
    framer.push(Buffer.from('data: '))
    const first = framer.push(Buffer.from('1\n\n'))
    framer.push(Buffer.from('data: '))
    framer.push(Buffer.from('2'))
    const second = framer.push(Buffer.from('\n\ndata: 3'))
    framer.push(Buffer.from('4444444'))
    expect([first?.toString(), second?.toString(), framer.rest.toString()]).toEqual([
      'data: 1\n\n',
      'data: 2\n\n',
      'data: 34444444',
    ])
  })
})

describe('B10 caps', () => {
  const event = Buffer.from(`data: ${'x'.repeat(92)}\n\n`)

  test.each([1, 7, 50, 100, 250])('the same event is refused or passed however it is cut: %i bytes a push', (size) => {
    const pushAll = (maxEventBytes: number): number => {
      const framer = new SseFramer({ maxEventBytes })
      const stream = Buffer.concat([event, event, event])
      let passedBytes = 0
      for (let at = 0; at < stream.length; at += size) {
        passedBytes += framer.push(stream.subarray(at, at + size))?.length ?? 0
      }
      return passedBytes / event.length
    }
    expect(pushAll(100)).toBe(3)
    expect(() => pushAll(99)).toThrow(GatewayError)
  })

  test('a line without an end is refused at the cap, comments too', () => {
    for (const start of ['data: ', ': ', 'x']) {
      const framer = new SseFramer({ maxEventBytes: 65_536 })
      framer.push(Buffer.from(start))
      expect(() => {
        for (let kib = 0; kib < 65; kib++) framer.push(Buffer.alloc(1_024, 'x'))
      }).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
    }
  })

  test('one byte a push costs the same per byte in a long event as in a short one', () => {
    // Work, not time: the framer copies each byte a bounded number of times (doubling), so bytes held stay in few buffers.
    const framer = new SseFramer({ maxEventBytes: 1_000_000 })
    const buffers = new Set<ArrayBufferLike>()
    framer.push(Buffer.from('data: '))
    for (let at = 0; at < 200_000; at++) {
      framer.push(Buffer.from('x'))
      buffers.add(framer.rest.buffer)
    }
    expect(buffers.size).toBeLessThan(20)
    expect(framer.push(Buffer.from('\n\n'))?.length).toBe(200_008)
  })
})
