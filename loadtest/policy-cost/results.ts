// What is read from the samples of the policy benchmark: what each variant adds to `keys`, and whether that is the aim.
import { median, percentile } from '../statistics.ts'
import type { CpuBatch } from './measure-cpu.ts'
import type { VariantName } from './variants.ts'

export type CpuFigures = Readonly<{
  medianMicros: number
  /** A tenth of the rounds cost less: what it costs while nobody else uses the machine, and hardly any collection runs. */
  quietMicros: number
  /** Median over all rounds of the difference within a round; NaN for `keys` itself. */
  addedMicros: number
  /** Least and most of the batches' own medians of it: what another start of the processes would say. */
  addedRangeMicros: readonly [least: number, most: number]
  /** The same difference of `quietMicros`, median over the batches. */
  addedQuietMicros: number
}>

const quietShare = 0.1

export function readCpuFigures(batches: readonly CpuBatch[], name: VariantName): CpuFigures {
  const all = batches.flatMap((batch) => batch.get(name) ?? [])
  const differences = batches.map((batch) => {
    const base = batch.get('keys') ?? []
    return (batch.get(name) ?? []).map((value, round) => value - (base[round] ?? Number.NaN))
  })
  const byBatch = differences.map(median)
  const readQuiet = (batch: CpuBatch, of: VariantName) => percentile(batch.get(of) ?? [], quietShare)
  return {
    medianMicros: median(all),
    quietMicros: percentile(all, quietShare),
    addedMicros: median(differences.flat()),
    addedRangeMicros: [Math.min(...byBatch), Math.max(...byBatch)],
    addedQuietMicros: median(batches.map((batch) => readQuiet(batch, name) - readQuiet(batch, 'keys'))),
  }
}

export type Aim = Readonly<{ text: string; value: number; verdict: 'met' | 'MISSED' | 'unclear' }>

/** Most CPU a request that a policy may add, µs. */
export const cpuAims: Readonly<Partial<Record<VariantName, number>>> = { requests: 3, 'all limits': 3, token: 15 }
/** Most that counting in Redis may add to the p50, ms. */
export const redisAimMs = 0.3

/** Unclear where the noise, by which two equal variants differ, decides. */
export function readCpuAims(batches: readonly CpuBatch[]): readonly Aim[] {
  const noise = Math.abs(readCpuFigures(batches, 'keys again').addedMicros)
  return [...(batches[0]?.keys() ?? [])].flatMap((name) => {
    const aim = cpuAims[name]
    if (aim === undefined) return []
    const value = readCpuFigures(batches, name).addedMicros
    const verdict = value + noise <= aim ? 'met' : value - noise > aim ? 'MISSED' : 'unclear'
    return [{ text: `${name}: at most ${aim} µs CPU a request over keys`, value, verdict }]
  })
}
