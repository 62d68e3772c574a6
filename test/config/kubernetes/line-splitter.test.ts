// Lines come whole whatever the chunks, and a long one costs linear time.
import { expect, test } from 'vitest'
import { LineSplitter } from '../../../src/config/kubernetes/line-splitter.ts'

function split(chunks: readonly Buffer[], limitBytes = 1_000): readonly string[] {
  const splitter = new LineSplitter(limitBytes)
  const lines: string[] = []
  for (const chunk of chunks) splitter.push(chunk, (line) => lines.push(line))
  return lines
}

test('the same lines for every way to cut the bytes in three', () => {
  const bytes = Buffer.from('{"ü":1}\n\n{"模":"👩‍🚀"}\nhalf')
  const whole = split([bytes])
  expect(whole).toEqual(['{"ü":1}', '', '{"模":"👩‍🚀"}'])
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 1) {
      const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
      expect(split(chunks)).toEqual(whole)
    }
  }
})

test('a line past the limit throws instead of filling the memory', () => {
  expect(() => split([Buffer.alloc(600), Buffer.alloc(600)])).toThrow(RangeError)
})

test('40 MB in chunks of 1 KB take about twice as long as 20 MB', () => {
  const measureMs = (count: number) => {
    const chunk = Buffer.alloc(1_024, 'x')
    const splitter = new LineSplitter(1e9)
    const startMs = performance.now()
    for (let index = 0; index < count; index += 1) splitter.push(chunk, () => {})
    splitter.push(Buffer.from('\n'), () => {})
    return performance.now() - startMs
  }
  measureMs(20_000)
  // Quadratic work would take minutes here.
  expect(measureMs(40_000)).toBeLessThan(5_000)
})
