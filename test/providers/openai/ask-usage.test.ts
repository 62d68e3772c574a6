// E8: what asks a stream's backend for usage is cut into the body; every byte the client wrote besides stays as it was.
import { describe, expect, test } from 'vitest'
import { askUsage } from '../../../src/providers/openai-format/ask-usage.ts'
import { scanBody } from '../../../src/wire/scan-body.ts'
import { spliceBody } from '../../../src/wire/splice.ts'

/** The body as it is sent; null: nothing changes. */
function ask(text: string): string | null {
  const body = Buffer.from(text)
  const edits = askUsage(body, scanBody(body))
  return edits === null ? null : spliceBody(body, edits).toString()
}

describe('E8 the client has not asked', () => {
  test.each([
    ['absent', '{"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
    [
      'absent, odd spaces',
      ' {\n "stream" : true }\n',
      ' {"stream_options":{"include_usage":true},\n "stream" : true }\n',
    ],
    ['null', '{"stream_options": null ,"a":1}', '{"stream_options": {"include_usage":true} ,"a":1}'],
    ['empty', '{"stream_options":{}}', '{"stream_options":{"include_usage":true}}'],
    ['empty with a space', '{"stream_options":{ }}', '{"stream_options":{"include_usage":true }}'],
    ['false', '{"stream_options":{"include_usage" : false }}', '{"stream_options":{"include_usage" : true }}'],
    ['null inside', '{"stream_options":{"include_usage":null}}', '{"stream_options":{"include_usage":true}}'],
    [
      'not a boolean',
      '{"stream_options":{"include_usage":[1,{"a":"}"}]}}',
      '{"stream_options":{"include_usage":true}}',
    ],
    [
      'other members, of odd spelling',
      '{"a":1.0,"stream_options":{ "include_obfuscation":false,"x":1e2,"y":{"include_usage":false} },"b":"\\u0061é"}',
      '{"a":1.0,"stream_options":{"include_usage":true, "include_obfuscation":false,"x":1e2,"y":{"include_usage":false} },"b":"\\u0061é"}',
    ],
    [
      'false among others',
      '{"stream_options":{"x":"é","include_usage":false,"z":0}}',
      '{"stream_options":{"x":"é","include_usage":true,"z":0}}',
    ],
    [
      'escaped names',
      '{"stre\\u0061m_options":{"include\\u005fusage":false}}',
      '{"stre\\u0061m_options":{"include\\u005fusage":true}}',
    ],
    // Whichever of them a server obeys.
    [
      'twice',
      '{"stream_options":{"include_usage":true,"include_usage":false}}',
      '{"stream_options":{"include_usage":true,"include_usage":true}}',
    ],
    [
      'in another case too',
      '{"stream_options":{"Include_Usage":false,"include_u\u017fage":0}}',
      '{"stream_options":{"include_usage":true,"Include_Usage":true,"include_u\u017fage":true}}',
    ],
  ])('%s', (_, text, sent) => {
    expect(ask(text)).toBe(sent)
    expect(JSON.parse(sent)).toHaveProperty(['stream_options', 'include_usage'], true)
    // What was added asks enough: nothing is added twice.
    expect(ask(sent)).toBeNull()
  })
})

test.each([
  '{"stream_options":{"include_usage":true}}',
  '{"stream_options" : { "x":1, "include_usage" : true }}',
  '{"stream_options":{"include_usag\\u0065":true}}',
])('E8 the client asks itself: %s', (text) => {
  expect(ask(text)).toBeNull()
})

test.each(['"x"', '1', 'true', 'false', '[]', '[{"include_usage":true}]'])(
  'no object is left to the backend: %s',
  (value) => {
    expect(ask(`{"stream_options":${value}}`)).toBeNull()
  },
)
