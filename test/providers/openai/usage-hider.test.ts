// E8: of a stream whose client had not asked for usage, the event that says nothing else is gone and no other byte, however
// the bytes come; what the framer knows of the stream is the same.
import { expect, test } from 'vitest'
import { UsageHider } from '../../../src/providers/openai-format/usage-hider.ts'
import { SseFramer } from '../../../src/wire/sse-framer.ts'
import { createRandom } from '../../wire/random.ts'

const chunk = (content: string, usage = 'null') =>
  `data: {"id":"c","choices":[{"index":0,"delta":{"content":"${content}"}}],"usage":${usage}}\n\n`
const counts = '{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":1}}'
const usageOnly = `data: {"id":"c","choices":[],"usage":${counts}}\n\n`
const opening = chunk('Zażółć 👩‍👩‍👧 "usage"'.replaceAll('"', '\\"')) + chunk('b')
const done = 'data: [DONE]\n\n'

/** name → the backend's stream and what is left of it. */
const golden: Readonly<Record<string, readonly [stream: string, shown: string]>> = {
  'as OpenAI sends it': [opening + usageOnly + done, opening + done],
  'without null in the others': [
    'data: {"choices":[{}]}\n\n'.repeat(30) + usageOnly + done,
    `${'data: {"choices":[{}]}\n\n'.repeat(30)}${done}`,
  ],
  'with spaces': [`${opening}data:{"choices" : [ ] , "usage" : ${counts} }\n\n${done}`, opening + done],
  'without choices': [`${opening}data: {"usage":${counts}}\n\n${done}`, opening + done],
  'choices of null': [`${opening}data: {"choices":null,"usage":${counts}}\n\n${done}`, opening + done],
  'with an id, a name and comments in the event': [
    `${opening}: ping\n\nid: 1\nevent: x\n: inside\n${usageOnly}: pong\n\n${done}`,
    `${opening}: ping\n\n: pong\n\n${done}`,
  ],
  'data in several lines': [
    `${opening}data: {"choices":[],\ndata: "usage":\ndata: {"a":1}}\n\n${done}`,
    opening + done,
  ],
  'several, the first and the last event': [usageOnly + usageOnly + opening + usageOnly, opening],
  'nothing else': [usageOnly, ''],
  'usage beside choices stays': [
    chunk('a', counts) + chunk('b', counts) + done,
    chunk('a', counts) + chunk('b', counts) + done,
  ],
  'usage that is no object stays': ['data: {"choices":[],"usage":7}\n\n', 'data: {"choices":[],"usage":7}\n\n'],
  'an error stays': [
    `data: {"choices":[],"usage":${counts},"error":{"message":"x"}}\n\n`,
    `data: {"choices":[],"usage":${counts},"error":{"message":"x"}}\n\n`,
  ],
  'what is no JSON stays': ['data: {"choices":[],"usage":{\n\n', 'data: {"choices":[],"usage":{\n\n'],
  'no choices and no usage stays': [
    'data: {"choices":[],"prompt_filter_results":[],"usage":null}\n\n',
    'data: {"choices":[],"prompt_filter_results":[],"usage":null}\n\n',
  ],
  'usage deeper down stays': [
    `data: {"choices":[],"x_groq":{"usage":${counts}}}\n\n`,
    `data: {"choices":[],"x_groq":{"usage":${counts}}}\n\n`,
  ],
  'an event that was cut is no event': [`${opening}data: {"choices":[],"usage":${counts}}\n`, opening],
}

function show(pieces: readonly Buffer[]): { shown: string; framer: SseFramer } {
  const framer = new SseFramer()
  const hider = new UsageHider()
  const shown: Buffer[] = []
  for (const piece of pieces) {
    const whole = framer.push(Buffer.from(piece))
    const rest = whole === null ? null : hider.hide(whole, framer.usageEvents)
    if (rest === null) continue
    expect(rest.length).toBeGreaterThan(0)
    shown.push(Buffer.from(rest))
  }
  return { shown: Buffer.concat(shown).toString(), framer }
}

function cut(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  return [...offsets, bytes.length].map((to, index) => bytes.subarray(index === 0 ? 0 : offsets[index - 1], to))
}

for (const [lineEnds, lineEnd] of [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
] as const) {
  test.each(Object.entries(golden))(`E8 ${lineEnds}: %s`, (_, [stream, expected]) => {
    const bytes = Buffer.from(stream.replaceAll('\n', lineEnd))
    const want = expected.replaceAll('\n', lineEnd)
    const plain = new SseFramer()
    plain.push(bytes)
    const check = (pieces: readonly Buffer[]) => {
      const { shown, framer } = show(pieces)
      if (shown !== want) expect({ shown, cut: pieces.map((piece) => piece.length) }).toEqual({ shown: want })
      expect([framer.isDone, framer.errorSeen, framer.usageData?.toString(), framer.rest.toString()]).toEqual([
        plain.isDone,
        plain.errorSeen,
        plain.usageData?.toString(),
        plain.rest.toString(),
      ])
    }
    check([bytes])
    check(cut(bytes, [...bytes.keys()].slice(1)))
    for (let at = 1; at < bytes.length; at++) check(cut(bytes, [at]))
    const random = createRandom(5)
    for (let round = 0; round < 50; round++) {
      const offsets = Array.from({ length: 6 }, () => Math.floor(random() * bytes.length))
      check(
        cut(
          bytes,
          offsets.sort((one, two) => one - two),
        ),
      )
    }
  })
}

test('E8 what holds no usage is passed on as it is, without a copy', () => {
  const hider = new UsageHider()
  const framer = new SseFramer()
  const bytes = Buffer.from(opening)
  const whole = framer.push(bytes)
  expect(whole).toBe(bytes)
  expect(whole === null ? null : hider.hide(whole, framer.usageEvents)).toBe(bytes)
})
