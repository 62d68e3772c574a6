// The list of what the benchmark measures: one entry a column, with how it is read against the others.
import type { Contender } from './contenders.ts'
import { measureFirstEvent, measureLatency, measureMemory, measureStreams, measureUnary } from './measure.ts'

export const metricNames = [
  'requestsPerSecond',
  'cpuMicrosPerRequest',
  'coreShare',
  'p50Ms',
  'p99Ms',
  'cpuMicrosPerStream',
  'cpuMicrosPerBurst',
  'firstEventP50Ms',
  'firstEventP99Ms',
  'rssKilobytesPerStream',
] as const
export type MetricName = (typeof metricNames)[number]
export type Sample = Readonly<Partial<Record<MetricName, number>>>

export type MeasurementName = 'unary' | 'latency' | 'stream' | 'burst' | 'first-event' | 'memory'

export type Measurement = Readonly<{
  name: MeasurementName
  /** False: not measured for `direct`, which has no process of its own. */
  hasDirect: boolean
  /** Needs a process that has served nothing yet, and leaves it of no use to the others. */
  needsFresh: boolean
  run: (contender: Contender, pace: Pace) => Promise<Sample>
}>

export type Pace = Readonly<{
  seconds: number
  latencyRequests: number
  firstEvents: number
  heldStreams: number
  settleMs: number
}>

/** Leaves out what does not apply to a contender. */
function defined(values: Readonly<Partial<Record<MetricName, number | null>>>): Sample {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}

export const measurements: readonly Measurement[] = [
  {
    name: 'unary',
    hasDirect: true,
    needsFresh: false,
    run: async (contender, { seconds }) => {
      const { requestsPerSecond, cpuMicrosPerRequest, coreShare } = await measureUnary(contender, seconds)
      return defined({ requestsPerSecond, cpuMicrosPerRequest, coreShare })
    },
  },
  {
    name: 'latency',
    hasDirect: true,
    needsFresh: false,
    run: async (contender, { latencyRequests }) => measureLatency(contender, latencyRequests),
  },
  {
    name: 'stream',
    hasDirect: false,
    needsFresh: false,
    run: async (contender, { seconds }) => {
      const { cpuMicrosPerStream } = await measureStreams(contender, 'stream', seconds)
      return defined({ cpuMicrosPerStream })
    },
  },
  {
    name: 'burst',
    hasDirect: false,
    needsFresh: false,
    run: async (contender, { seconds }) => {
      const { cpuMicrosPerStream } = await measureStreams(contender, 'burst', seconds / 2)
      return defined({ cpuMicrosPerBurst: cpuMicrosPerStream })
    },
  },
  {
    name: 'first-event',
    hasDirect: true,
    needsFresh: false,
    run: async (contender, { firstEvents }) => {
      const { p50Ms, p99Ms } = await measureFirstEvent(contender, firstEvents)
      return { firstEventP50Ms: p50Ms, firstEventP99Ms: p99Ms }
    },
  },
  {
    name: 'memory',
    hasDirect: false,
    needsFresh: true,
    run: async (contender, { heldStreams, settleMs }) => {
      const { rssKilobytesPerStream } = await measureMemory(contender, heldStreams, settleMs)
      return { rssKilobytesPerStream }
    },
  },
]
