// Writes the results of the policy benchmark for a person.
import { median } from '../statistics.ts'
import type { CpuBatch } from './measure-cpu.ts'
import type { AddedTimes, RedisResult } from './measure-redis.ts'
import { type Aim, readCpuAims, readCpuFigures, redisAimMs } from './results.ts'
import { variantSpecs } from './variants.ts'

export function renderCpuReport(batches: readonly CpuBatch[]): string {
  const names = [...(batches[0]?.keys() ?? [])]
  const rows = names.map((name) => {
    const { medianMicros, quietMicros, addedMicros, addedRangeMicros, addedQuietMicros } = readCpuFigures(batches, name)
    const added =
      name === 'keys'
        ? ['-', '-', '-']
        : [
            addedMicros.toFixed(1),
            addedRangeMicros.map((value) => value.toFixed(1)).join(' to '),
            addedQuietMicros.toFixed(1),
          ]
    return [name, medianMicros.toFixed(1), quietMicros.toFixed(1), ...added]
  })
  const titles = ['CPU µs/request', 'median', 'quiet', 'added', 'by batch', 'added, quiet']
  const legend = names.map((name) => `  ${name}: ${variantSpecs[name].text}`)
  return `${renderRows([titles, ...rows])}\n\n${legend.join('\n')}\n\n${renderAims(readCpuAims(batches))}`
}

export function renderRedisReport(result: RedisResult, version: string): string {
  const { limits, capacityPerSecond, ratePerSecond, paced, sequence } = result
  const rows = [
    [`added by Redis, ms: ${limits}`, 'p50', 'p99', 'p50 without'],
    [`at ${ratePerSecond} requests/s`, ...renderTimes(paced)],
    ['one request at a time', ...renderTimes(sequence)],
  ]
  const value = median(paced.p50Ms)
  const verdict = value <= redisAimMs ? 'met' : 'MISSED'
  const aim: Aim = { text: `redis, ${limits}: at most ${redisAimMs} ms added p50`, value, verdict }
  const text = `Redis ${version} on loopback, on the load's core; with it ${Math.round(capacityPerSecond)} requests/s at most`
  return `${renderRows(rows)}\n\n  ${text}\n\n${renderAims([aim])}`
}

function renderTimes({ p50Ms, p99Ms, memoryP50Ms }: AddedTimes): readonly string[] {
  return [median(p50Ms), median(p99Ms), memoryP50Ms].map((value) => value.toFixed(3))
}

function renderAims(aims: readonly Aim[]): string {
  return aims.map(({ text, value, verdict }) => `  ${verdict.padEnd(7)} ${text}: ${value.toFixed(2)}`).join('\n')
}

function renderRows(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n')
}
