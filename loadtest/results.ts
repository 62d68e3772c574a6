// The samples of a run and what is read from them: medians, differences to direct, ratios to the bare relay, targets.
import type { ContenderName } from './contenders.ts'
import { type MetricName, metricNames, type Sample } from './measurements.ts'
import { median } from './statistics.ts'

/** Per contender, per metric: one value a round. */
export type Samples = Map<ContenderName, Map<MetricName, number[]>>

export function addSample(samples: Samples, contender: ContenderName, sample: Sample): void {
  const metrics = samples.get(contender) ?? new Map<MetricName, number[]>()
  samples.set(contender, metrics)
  for (const metric of metricNames) {
    const value = sample[metric]
    if (value !== undefined) metrics.set(metric, [...(metrics.get(metric) ?? []), value])
  }
}

export function readMedian(samples: Samples, contender: ContenderName, metric: MetricName): number | null {
  const values = samples.get(contender)?.get(metric)
  return values === undefined ? null : median(values)
}

/** The median over the rounds of a value computed within each round, so that drift of the machine cancels out. */
function pairRounds(
  samples: Samples,
  contender: ContenderName,
  other: ContenderName,
  metric: MetricName,
  combine: (value: number, otherValue: number) => number,
): number | null {
  const values = samples.get(contender)?.get(metric)
  const others = samples.get(other)?.get(metric)
  if (values === undefined || others === undefined) return null
  const rounds = Math.min(values.length, others.length)
  const paired = Array.from({ length: rounds }, (_, at) => combine(values[at] ?? Number.NaN, others[at] ?? Number.NaN))
  return median(paired)
}

/** How many times the other's value this contender's is. */
export function readRatio(samples: Samples, contender: ContenderName, other: ContenderName, metric: MetricName) {
  return pairRounds(samples, contender, other, metric, (value, otherValue) => value / otherValue)
}

/** How much a contender adds to what the backend itself takes. */
export function readAdded(samples: Samples, contender: ContenderName, metric: MetricName): number | null {
  return pairRounds(samples, contender, 'direct', metric, (value, direct) => value - direct)
}

export type TargetResult = Readonly<{ text: string; value: number | null; isMet: boolean | null }>

/** What Sluice aims for. A target is `null` where the run has no numbers for it. */
export function readTargets(samples: Samples): TargetResult[] {
  const target = (text: string, value: number | null, holds: (value: number) => boolean): TargetResult => ({
    text,
    value,
    isMet: value === null ? null : holds(value),
  })
  return [
    target(
      'throughput at least 0.80 of the bare relay',
      readRatio(samples, 'sluice', 'bare', 'requestsPerSecond'),
      (v) => v >= 0.8,
    ),
    target(
      'CPU per paced stream at most 1.25 of the bare relay',
      readRatio(samples, 'sluice', 'bare', 'cpuMicrosPerStream'),
      (v) => v <= 1.25,
    ),
    target(
      'CPU per burst stream at most 1.25 of the bare relay',
      readRatio(samples, 'sluice', 'bare', 'cpuMicrosPerBurst'),
      (v) => v <= 1.25,
    ),
    target(
      'throughput at least 2.00 of @fastify/http-proxy',
      readRatio(samples, 'sluice', 'http-proxy', 'requestsPerSecond'),
      (v) => v >= 2,
    ),
    target('at most 60 KB RSS per open stream', readMedian(samples, 'sluice', 'rssKilobytesPerStream'), (v) => v <= 60),
  ]
}
