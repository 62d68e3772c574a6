// The text of /metrics, piece by piece: with thousands of routes it has tens of megabytes, and requests go on meanwhile.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import type { Instrument } from './series.ts'

/** About a millisecond's work. */
const pieceChars = 256 * 1024

/** Prometheus' text format: what prom-client keeps first, then our own instruments, as they stand when they are reached. */
export async function* renderMetrics(
  registry: Registry,
  instruments: readonly Instrument[],
): AsyncGenerator<string, void, undefined> {
  let piece = await registry.metrics()
  for (const instrument of instruments) {
    for (const text of instrument.render()) {
      piece += text
      if (piece.length < pieceChars) continue
      yield piece
      piece = ''
      await nextTurn()
    }
  }
  yield piece
}
