// The ruler of `npm run bench -- --only translation picks`: ratios are of one round, verdicts of the aims, and the bytes
// of both formats are the same answer.
import { expect, test } from 'vitest'
import { renderMessagesAnswer, renderMessagesChunks } from '../../loadtest/messages-wire.ts'
import { readRatio, renderPicks, renderTranslation } from '../../loadtest/translation-cost/translation-cost.ts'
import { renderEventChunks, renderUnaryAnswer } from '../../loadtest/wire.ts'
import { anthropic } from '../../src/providers/anthropic/anthropic.ts'
import { openai } from '../../src/providers/openai/openai.ts'

const call = { model: 'm', isStream: true, basePath: '/v1', maxOutputTokens: null }

test('the ratio is that of one round, whatever the machine does between rounds', () => {
  const samples = { passed: [100, 150, 300], translated: [150, 225, 330] }
  expect(readRatio(samples)).toBe(1.5)
  const slow = { passed: [100], translated: [230] }
  const text = renderTranslation({ unary: samples, stream: samples, burst: slow })
  expect(text).toMatch(
    /unary.* 1\.50 +met \(2\)\n.*2 ms apart.* 1\.50 +met \(2\.2\)\n.*at once.* 2\.30 +MISSED \(2\.2\)$/,
  )
})

test('a pick is measured against a microsecond', () => {
  const text = renderPicks([
    { strategy: 'RoundRobin', nanos: [900, 2_000, 950] },
    { strategy: 'LowestCost', nanos: [1_001] },
  ])
  expect(text).toMatch(/RoundRobin +950 +met.*\nLowestCost +1001 +MISSED/)
})

test('both backends give the same answer, whole and streamed', () => {
  const readBody = (answer: Buffer): unknown => JSON.parse(answer.toString().split('\r\n\r\n')[1] ?? '')
  const texts = (events: readonly { type: string; text?: unknown }[] = []) =>
    events.flatMap(({ type, text }) => (type === 'text' ? [text] : [])).join('')
  const whole = texts(anthropic.chat?.decodeAnswer(readBody(renderMessagesAnswer()), call))
  expect(whole).toHaveLength(665)
  expect(texts(openai.chat?.decodeAnswer(readBody(renderUnaryAnswer()), call))).toBe(whole)
  const count = (chunks: readonly Buffer[], provider: typeof openai) => {
    const decoder = provider.chat?.createStreamDecoder(call)
    const events = chunks.flatMap((chunk) => [...(decoder?.push(Buffer.from(readChunk(chunk))) ?? [])])
    expect(decoder?.isComplete).toBe(true)
    return [chunks.length, events.filter(({ type }) => type === 'text').length]
  }
  expect(count(renderMessagesChunks(100), anthropic)).toEqual([100, 95])
  expect(count(renderEventChunks(100), openai)).toEqual([100, 97])
})

/** What an HTTP chunk holds. */
function readChunk(chunk: Buffer): string {
  const text = chunk.toString()
  const start = text.indexOf('\r\n') + 2
  return text.slice(start, start + Number.parseInt(text, 16))
}
