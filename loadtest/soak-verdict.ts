// Reads a soak's samples: does memory grow, did sockets and timers come back, was every answer accounted for.
import type { SoakCounts } from './soak-clients.ts'
import type { SoakSample } from './soak-sample.ts'
import { fitSlope } from './statistics.ts'

export type Verdict = Readonly<{
  text: string
  /** `unclear`: the run was too short or too noisy to say. */
  result: 'good' | 'bad' | 'unclear'
}>

export type SoakRecord = Readonly<{
  /** After start, before the load. */
  before: SoakSample
  /** During the load, warm-up left out. */
  steady: readonly SoakSample[]
  /** After the load, when everything had had time to close. */
  after: SoakSample
  counts: SoakCounts
}>

const allowedMegabytesPerHour = 1
/** In less, what is still warming up looks like growth. */
const clearAfterMinutes = 15
/** Pools may keep a few idle connections, and the admin port has one from reading metrics. */
const allowedSockets = 8
const allowedTimers = 8

export function readVerdicts({ before, steady, after, counts }: SoakRecord): Verdict[] {
  const answered = counts.whole + counts.failedStatus + counts.incomplete
  return [
    readGrowth('heap after collection', steady, (sample) => sample.heapMegabytes),
    readGrowth('RSS', steady, (sample) => sample.rssMegabytes),
    readReturn('sockets', before.sockets, after.sockets, allowedSockets),
    readReturn('timers', before.timers, after.timers, allowedTimers),
    readReturn('open streams', before.streamsOpen, after.streamsOpen, 0),
    readReturn('heap MB', before.heapMegabytes, after.heapMegabytes, Math.max(8, before.heapMegabytes * 0.2)),
    {
      text: `answers: ${counts.whole} whole, ${counts.failedStatus} failed by status, ${counts.incomplete} cut, ${counts.abandoned} abandoned, ${counts.unexpected} unexplained`,
      result: counts.unexpected > 0 ? 'bad' : answered === 0 ? 'unclear' : 'good',
    },
  ]
}

function readGrowth(name: string, steady: readonly SoakSample[], read: (sample: SoakSample) => number): Verdict {
  const { value, uncertainty } = fitSlope(steady.map((sample) => [sample.minutes / 60, read(sample)] as const))
  const text = `${name}: ${value.toFixed(2)} ± ${uncertainty.toFixed(2)} MB/h after warm-up (at most ${allowedMegabytesPerHour})`
  const span = (steady.at(-1)?.minutes ?? 0) - (steady[0]?.minutes ?? 0)
  if (span < clearAfterMinutes) return { text: `${text}; too short a run to say`, result: 'unclear' }
  if (value - uncertainty > allowedMegabytesPerHour) return { text, result: 'bad' }
  return { text, result: value + uncertainty <= allowedMegabytesPerHour ? 'good' : 'unclear' }
}

function readReturn(name: string, before: number | null, after: number | null, allowed: number): Verdict {
  if (before === null || after === null) return { text: `${name}: not measured`, result: 'unclear' }
  const text = `${name}: ${round(before)} before the load, ${round(after)} after it (at most ${round(allowed)} more)`
  return { text, result: after <= before + allowed ? 'good' : 'bad' }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
