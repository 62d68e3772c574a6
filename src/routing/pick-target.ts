// The strategies by name: how one is chosen among the open candidates of one tier.
import { assertNever } from '../assert-never.ts'
import { ConsistentHash } from './strategies/consistent-hash.ts'
import { LeastRequest } from './strategies/least-request.ts'
import { LowestCost } from './strategies/lowest-cost.ts'
import { LowestLatency } from './strategies/lowest-latency.ts'
import { RoundRobin } from './strategies/round-robin.ts'
import type { Candidate, Random, Strategy } from './strategies/strategy.ts'
import { WeightedRandom } from './strategies/weighted-random.ts'
import type { StrategyType } from './table.ts'

/** `previous`: what chose for this tier before; what it remembers of candidates that are still there goes on. */
export function createStrategy(
  type: StrategyType,
  candidates: readonly Candidate[],
  previous: Strategy | null = null,
  random: Random = Math.random,
): Strategy {
  switch (type) {
    case 'WeightedRandom':
      return new WeightedRandom(candidates, random)
    case 'RoundRobin':
      return new RoundRobin(candidates, previous instanceof RoundRobin ? previous : null)
    case 'LeastRequest':
      return new LeastRequest(candidates, random)
    case 'LowestLatency':
      return new LowestLatency(candidates, random)
    case 'LowestCost':
      return new LowestCost(candidates, random)
    case 'ConsistentHash':
      return new ConsistentHash(candidates, random, previous instanceof ConsistentHash ? previous : null)
    default:
      return assertNever(type)
  }
}
