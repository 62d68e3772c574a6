import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/errors/gateway-error.ts'
import { type BodyScan, scanBody } from '../../src/wire/scan-body.ts'
import { createRandom } from './random.ts'

function scan(text: string | Buffer): BodyScan {
  return scanBody(typeof text === 'string' ? Buffer.from(text) : text)
}

function refusal(text: string | Buffer): { code: string; param: string | null } {
  try {
    scan(text)
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, param: error.param }
    throw error
  }
  throw new Error(`accepted ${text.toString().slice(0, 200)}`)
}

describe('what it finds', () => {
  test('a chat request', () => {
    const text =
      ' {"messages":[{"role":"user","content":"\\"model\\": {[ \u00e9"}], "model" : "gpt-4o", "stream":true }\n'
    const found = scan(text)
    expect(found).toMatchObject({ model: 'gpt-4o', stream: true, isEmptyObject: false, firstKeyOffset: 2 })
    expect(found).toMatchObject({
      hasMessages: true,
      hasPrompt: false,
      hasInput: false,
      keys: ['messages', 'model', 'stream'],
    })
    expect(Buffer.from(text).subarray(found.modelStart, found.modelEnd).toString()).toBe('"gpt-4o"')
  })

  test('an empty object', () => {
    expect(scan('{ }')).toMatchObject({
      model: null,
      modelStart: 0,
      modelEnd: 0,
      stream: false,
      isEmptyObject: true,
      firstKeyOffset: 1,
    })
  })

  test('a name and a key written with escapes', () => {
    expect(scan('{"\\u006dodel":"a\\u002fb\\n"}')).toMatchObject({ model: 'a/b\n', keys: ['model'] })
  })

  test('members of those names deeper down are not it', () => {
    expect(scan('{"a":{"model":1,"stream":"x"},"b":[{"model":2}]}')).toMatchObject({
      model: null,
      stream: false,
      keys: ['a', 'b'],
    })
  })

  test('__proto__ is a key like any other', () => {
    expect(scan('{"__proto__":{"model":"x"},"constructor":1}')).toMatchObject({
      model: null,
      keys: ['__proto__', 'constructor'],
    })
  })

  test('stream may be null, false or true', () => {
    expect(scan('{"stream":null}').stream).toBe(false)
    expect(scan('{"stream":false}').stream).toBe(false)
    expect(scan('{"stream":true}').stream).toBe(true)
  })

  test.each([
    ['{"stream_options" : {"include_usage":true} ,"a":1}', '{"include_usage":true}'],
    ['{"stre\\u0061m_options":null}', 'null'],
    ['{"a":{"stream_options":{}},"stream":true}', ''],
  ])('where the options of a stream stand: %s', (text, value) => {
    const { streamOptionsStart, streamOptionsEnd } = scan(text)
    expect(Buffer.from(text).subarray(streamOptionsStart, streamOptionsEnd).toString()).toBe(value)
  })

  test('every scan has the same shape', () => {
    expect(Object.keys(scan('{}'))).toEqual(Object.keys(scan('{"model":"a","stream":true,"messages":[]}')))
  })
})

describe('what it refuses', () => {
  test.each([
    ['{"model":"a","model":"a"}', 'model'],
    ['{"model":"a","\\u006dodel":"b"}', 'model'],
    ['{"model":"","mode\\u006c":"b"}', 'model'],
    ['{"stream":true,"stream":true}', 'stream'],
    ['{"stream":null,"\\u0073tream":true}', 'stream'],
    ['{"stream_options":{},"stream_options":{}}', 'stream_options'],
    ['{"stream_options":null,"stream_opt\\u0069ons":null}', 'stream_options'],
    ['{"Stream_Options":{}}', 'stream_options'],
    ['{"model":1}', 'model'],
    ['{"model":null}', 'model'],
    ['{"model":["a"]}', 'model'],
    ['{"stream":1}', 'stream'],
    ['{"stream":"true"}', 'stream'],
    ['{"stream":{}}', 'stream'],
    // D2: to a server that matches names in any case, those are the ones that count.
    ['{"model":"a","Model":"b"}', 'model'],
    ['{"MODEL":"b"}', 'model'],
    ['{"stream":false,"Stream":true}', 'stream'],
    ['{"\u017ftream":true}', 'stream'],
    ['{"max_tokens":1,"Max_Tokens":9}', 'max_tokens'],
    ['{"N":9}', 'n'],
    [`{"model":"${'a'.repeat(1_024)}"}`, 'model'],
  ])('%s', (text, param) => {
    expect(refusal(text)).toEqual({ code: 'invalid_request', param })
  })

  test('more top-level keys than any request has', () => {
    const text = `{${Array.from({ length: 1_025 }, (_, index) => `"${index}":1`).join(',')}}`
    expect(refusal(text)).toEqual({ code: 'invalid_request', param: null })
  })

  test.each([
    '',
    ' ',
    '[]',
    '"a"',
    'null',
    '1',
    '{',
    '}',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{"a":1 "b":2}',
    '{"a":1}}',
    '{"a":1}x',
    '{"a":1}{}',
    '{a:1}',
    "{'a':1}",
    '{"a":01}',
    '{"a":-}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":1e+}',
    '{"a":0x1}',
    '{"a":NaN}',
    '{"a":tru}',
    '{"a":nul}',
    '{"a":True}',
    '{"a":truex}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":"\\u12',
    '{"a":"\\',
    '{"a":"\n"}',
    '{"a":"\t"}',
    '{"a":"\u0000"}',
    '{"a":"',
    '{"a":[1,]}',
    '{"a":[,1]}',
    '{"a":[1}}',
    '{"a":{]}',
    '{"a":[1 2]}',
    '{"a":{"b":1,}}',
    '{"a":{"b"}}',
    '{"a":{1:2}}',
    '{"a":1}\u0000',
    '\u00a0{}',
    '\ufeff{}',
    '{"a":1/**/}',
    '{}//',
    '{"\n":1}',
    '\v{}',
    '\f{}',
    '{"a":\u00a01}',
  ])('broken JSON: %j', (text) => {
    expect(refusal(text).code).toBe('invalid_json')
  })

  test('bytes that are not UTF-8, in and outside of strings', () => {
    for (const bytes of ['22ff22', '22c0af22', '22eda08022', '22f490808022', 'ff']) {
      const body = Buffer.concat([Buffer.from('{"a":'), Buffer.from(bytes, 'hex'), Buffer.from('}')])
      expect(refusal(body).code).toBe('invalid_json')
    }
  })

  test('nesting deeper than 256, and no stack is used for it', () => {
    const nested = (open: string, close: string, depth: number): string =>
      `{"a":${open.repeat(depth)}1${close.repeat(depth)}}`
    expect(scan(nested('[', ']', 255)).keys).toEqual(['a'])
    expect(refusal(nested('[', ']', 256)).code).toBe('invalid_json')
    expect(refusal(nested('{"b":', '}', 256)).code).toBe('invalid_json')
    expect(refusal(`{"a":${'['.repeat(1_000_000)}`).code).toBe('invalid_json')
  })

  test('a public text without a byte of the content', () => {
    try {
      scan('{"secret" canary}')
    } catch (error) {
      expect(error).toMatchObject({ publicText: 'The body is not valid JSON: expected a colon at byte 10.' })
    }
    expect.assertions(1)
  })
})

const seeds = [
  '{"model":"gpt-4o","messages":[{"role":"user","content":"h\\u00e9llo \\"w\\" \u00e9\u{1f600}"}],"stream":false,"temperature":-0.7e+1}',
  ' {\n\t"a" : [ ] , "b" : { } , "c":[1,2,[3,{"d":null}]],"\\u006dodel":"x\\\\" ,"max_tokens":1E5 }\r\n',
  '{"stream":true,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"n":0}',
  '{"__proto__":{"model":1},"input":["a","b"],"x":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\nbbbbbbbbbbbbbbbbbbbbbb"}',
]
const fragments = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '\n',
  '\t',
  '\0',
  '\x1f',
  '0',
  '-',
  '.',
  'e',
  'true',
  'null',
  '\\u00',
  '\u00e9',
  '"model"',
  '"stream":',
]

describe('agrees with JSON.parse', () => {
  /** Returns whether the scan accepted it. */
  function compare(body: Buffer): boolean {
    let found: BodyScan | null = null
    let error: unknown
    try {
      found = scanBody(body)
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown
      error = thrown
    }
    let parsed: unknown
    try {
      parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
    } catch {
      parsed = undefined
    }
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    if (found === null) {
      // It may be stricter by its own rules, but must not call good JSON broken.
      if (isObject) expect(error).toMatchObject({ code: 'invalid_request' })
      return false
    }
    if (!isObject) throw new Error(`accepted what JSON.parse refuses: ${body.toString('latin1')}`)
    expect(new Set(found.keys)).toEqual(new Set(Object.keys(parsed as object)))
    const { model, stream } = parsed as { model?: unknown; stream?: unknown }
    expect(found.model).toBe(model ?? null)
    expect(found.stream).toBe(stream ?? false)
    if (found.model !== null)
      expect(JSON.parse(body.toString('utf8', found.modelStart, found.modelEnd))).toBe(found.model)
    return true
  }

  test('on mutations of good bodies', () => {
    const random = createRandom(42)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
    let accepted = 0
    let refused = 0
    for (let round = 0; round < 60_000; round++) {
      let body: Buffer = Buffer.from(pick(seeds))
      for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) {
        const at = Math.floor(random() * (body.length + 1))
        const end = at + Math.floor(random() * 4)
        const kind = random()
        const insert =
          kind < 0.5
            ? Buffer.from(pick(fragments))
            : kind < 0.7
              ? Buffer.of(Math.floor(random() * 256))
              : Buffer.alloc(0)
        body = Buffer.concat([body.subarray(0, at), insert, body.subarray(kind < 0.3 ? at : end)])
      }
      if (compare(body)) accepted++
      else refused++
    }
    expect(accepted).toBeGreaterThan(3_000)
    expect(refused).toBeGreaterThan(3_000)
  })

  test('on every prefix, and with every byte value at every place', () => {
    for (const seed of seeds) {
      const whole = Buffer.from(seed)
      for (let end = 0; end <= whole.length; end++) compare(whole.subarray(0, end))
      for (let at = 0; at < whole.length; at++) {
        for (let byte = 0; byte < 256; byte += byte < 128 ? 1 : 37) {
          const changed = Buffer.from(whole)
          changed[at] = byte
          compare(changed)
        }
      }
    }
  })

  test('wherever a special byte stands in a long string, at every alignment', () => {
    const room = Buffer.alloc(128)
    for (let shift = 0; shift < 8; shift++) {
      for (let at = 0; at < 40; at++) {
        for (const byte of [0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7f]) {
          const text = Buffer.from(`{"a":"${'x'.repeat(48)}"}`)
          text[6 + at] = byte
          text.copy(room, shift)
          compare(room.subarray(shift, shift + text.length))
        }
      }
    }
  })
})
