// The part of the benchmark that tells what a policy costs: which measurements there are, and how long they take.
import { type CpuBatch, type CpuPace, measureCpu } from './measure-cpu.ts'
import { measureRedis, type RedisPace, type RedisResult } from './measure-redis.ts'
import { startRedisServer } from './redis-server.ts'
import { renderCpuReport, renderRedisReport } from './report.ts'
import type { VariantName } from './variants.ts'

/** `limits` and `jwt`: CPU a request. `redis`: time added to a request. */
export const policyMeasurements = ['limits', 'jwt', 'redis'] as const
export type PolicyMeasurement = (typeof policyMeasurements)[number]

export type PolicyCost = Readonly<{
  /** Text for a person, without its last line break. */
  text: string
  cpu: readonly Readonly<Record<string, readonly number[]>>[]
  redis: readonly RedisResult[]
}>

const paces: Readonly<Record<'quick' | 'whole', Readonly<{ cpu: CpuPace; redis: RedisPace }>>> = {
  quick: {
    cpu: { batches: 1, rounds: 40, requests: 200, warmUp: 10_000 },
    redis: { rounds: 2, seconds: 1, sequence: 500, warmUp: 5_000 },
  },
  whole: {
    cpu: { batches: 5, rounds: 120, requests: 200, warmUp: 20_000 },
    redis: { rounds: 8, seconds: 2, sequence: 2_000, warmUp: 20_000 },
  },
}

export async function runPolicyCost(
  chosen: readonly PolicyMeasurement[],
  place: Readonly<{ backendPort: number; core: number | null }>,
  { isQuick, rounds, say }: Readonly<{ isQuick: boolean; rounds: number | null; say: (text: string) => void }>,
): Promise<PolicyCost> {
  const { cpu, redis: redisPace } = paces[isQuick ? 'quick' : 'whole']
  const texts: string[] = []
  let batches: readonly CpuBatch[] = []
  let redis: readonly RedisResult[] = []
  const variants: VariantName[] = ['keys', 'keys again']
  if (chosen.includes('limits')) variants.push('requests', 'all limits')
  if (chosen.includes('jwt')) variants.push('token')
  if (variants.length > 2) {
    batches = await measureCpu(variants, { ...place, redisUrl: null }, { ...cpu, rounds: rounds ?? cpu.rounds }, say)
    texts.push(renderCpuReport(batches))
  }
  if (chosen.includes('redis')) {
    const server = await startRedisServer()
    if (server === null) texts.push('redis: not measured, there is no redis-server on the PATH')
    else {
      try {
        redis = await measureRedis(
          { ...place, redisUrl: server.url },
          { ...redisPace, rounds: rounds ?? redisPace.rounds },
          say,
        )
        const { version } = server
        texts.push(...redis.map((result) => renderRedisReport(result, version)))
      } finally {
        await server.stop()
      }
    }
  }
  return { text: texts.join('\n\n'), cpu: batches.map((batch) => Object.fromEntries(batch)), redis }
}
