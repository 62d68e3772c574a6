// What counting in Redis adds to the time of a request, beside the same limits counted in memory: one request at a time,
// and at a steady rate that the machine carries.
import { median, percentile } from '../statistics.ts'
import { runCount, runPaced, runSequence, withProbes } from './load.ts'
import { type Setting, startVariant, type Variant, type VariantName } from './variants.ts'

export type RedisPace = Readonly<{ rounds: number; seconds: number; sequence: number; warmUp: number }>

/** `added`: p50 (p99) with Redis over p50 (p99) without, within a round; milliseconds, one value a round. */
export type AddedTimes = Readonly<{ p50Ms: readonly number[]; p99Ms: readonly number[]; memoryP50Ms: number }>

export type RedisResult = Readonly<{
  /** The limits that both have. */
  limits: string
  /** What the variant with Redis answers at most, with 64 requests under way. */
  capacityPerSecond: number
  ratePerSecond: number
  paced: AddedTimes
  sequence: AddedTimes
}>

const wantedRatePerSecond = 10_000
/** Of what can be carried at most: near that, a queue is measured and nothing else. */
const carriedShare = 0.6

export async function measureRedis(
  setting: Setting,
  pace: RedisPace,
  say: (text: string) => void,
): Promise<readonly RedisResult[]> {
  return [
    await measureOne('requests', 'redis requests', setting, pace, say),
    await measureOne('all limits', 'redis', setting, pace, say),
  ]
}

async function measureOne(
  inMemory: VariantName,
  inRedis: VariantName,
  setting: Setting,
  pace: RedisPace,
  say: (text: string) => void,
): Promise<RedisResult> {
  const memory = await startVariant(inMemory, setting)
  try {
    const redis = await startVariant(inRedis, setting)
    try {
      return await measurePair(memory, redis, pace, say)
    } finally {
      await redis.stop()
    }
  } finally {
    await memory.stop()
  }
}

async function measurePair(memory: Variant, redis: Variant, pace: RedisPace, say: (text: string) => void) {
  say('redis: warming')
  await withProbes(memory, (probes) => runCount(memory, probes, pace.warmUp))
  await withProbes(redis, (probes) => runCount(redis, probes, pace.warmUp))
  const capacityPerSecond = await withProbes(redis, (probes) => runCount(redis, probes, pace.warmUp))
  const ratePerSecond = Math.min(wantedRatePerSecond, Math.floor((capacityPerSecond * carriedShare) / 100) * 100)
  say(`redis: ${Math.round(capacityPerSecond)} requests/s at most, measured at ${ratePerSecond}`)
  const { rounds, seconds, sequence } = pace
  const pair = (run: (variant: Variant) => Promise<number[]>) => compare(memory, redis, rounds, run)
  return {
    limits: memory.name,
    capacityPerSecond,
    ratePerSecond,
    paced: await pair((variant) => withProbes(variant, (probes) => runPaced(variant, probes, ratePerSecond, seconds))),
    sequence: await pair((variant) => withProbes(variant, (probes) => runSequence(variant, probes, sequence))),
  }
}

async function compare(
  memory: Variant,
  redis: Variant,
  rounds: number,
  run: (variant: Variant) => Promise<number[]>,
): Promise<AddedTimes> {
  const [p50Ms, p99Ms, base]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const isMemoryFirst = round % 2 === 0
    const first = await run(isMemoryFirst ? memory : redis)
    const second = await run(isMemoryFirst ? redis : memory)
    const [without, shared] = isMemoryFirst ? [first, second] : [second, first]
    p50Ms.push(percentile(shared, 0.5) - percentile(without, 0.5))
    p99Ms.push(percentile(shared, 0.99) - percentile(without, 0.99))
    base.push(percentile(without, 0.5))
  }
  return { p50Ms, p99Ms, memoryP50Ms: median(base) }
}
