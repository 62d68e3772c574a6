// What a choice among 100 targets costs, by strategy, in this process: nanoseconds, the median of many batches.
import { createStrategy } from '../../src/routing/pick-target.ts'
import type { Candidate } from '../../src/routing/strategies/strategy.ts'
import type { StrategyType } from '../../src/routing/table.ts'
import { median } from '../statistics.ts'

export const strategyTypes = [
  'WeightedRandom',
  'RoundRobin',
  'LeastRequest',
  'LowestLatency',
  'LowestCost',
  'ConsistentHash',
] as const satisfies readonly StrategyType[]

const targets = 100
const picksPerBatch = 20_000
const warmUpBatches = 10

/** `nanos`: of each batch. */
export type PickCost = Readonly<{ strategy: StrategyType; nanos: readonly number[] }>

export function measurePicks(batches: number): readonly PickCost[] {
  return strategyTypes.map((strategy) => ({ strategy, nanos: measureStrategy(strategy, batches) }))
}

export function readMedianNanos({ nanos }: PickCost): number {
  return median(nanos)
}

/** Weights, prices and loads differ; a tenth of the targets rests. */
function measureStrategy(type: StrategyType, batches: number): readonly number[] {
  const candidates: Candidate[] = Array.from({ length: targets }, (_, at) => ({
    key: `bench/target-${at}`,
    weight: 1 + (at % 5),
    price: at % 7,
    load: { active: at % 3, firstByteMs: 100 + (at % 11), silentSince: 0, pickedAt: performance.now() },
  }))
  const isOpen = Uint8Array.from(candidates, (_, at) => (at % 10 === 9 ? 0 : 1))
  const strategy = createStrategy(type, candidates)
  const nanos: number[] = []
  let chosen = 0
  for (let batch = -warmUpBatches; batch < batches; batch++) {
    const start = performance.now()
    for (let pick = 0; pick < picksPerBatch; pick++)
      chosen += strategy.pick(isOpen, Math.imul(pick, 0x9e3779b1) >>> 0, start)
    if (batch >= 0) nanos.push(((performance.now() - start) * 1e6) / picksPerBatch)
  }
  // Used, so that no compiler leaves the picks out.
  if (Number.isNaN(chosen)) throw new Error('no target was picked')
  return nanos
}
