// Load on one variant: so many requests as fast as they are answered, or so many a second whatever the answers do.
// Throws when an answer is not 200: a fast refusal is no result.
import { Probe, type ProbeTiming } from '../probe.ts'
import type { Variant } from './variants.ts'

const connections = 64

export function connectProbes(variant: Variant): Promise<Probe[]> {
  return Promise.all(Array.from({ length: connections }, () => Probe.connect(variant.server.port)))
}

/** Opens the connections, runs, closes them. */
export async function withProbes<T>(variant: Variant, run: (probes: readonly Probe[]) => Promise<T>): Promise<T> {
  const probes = await connectProbes(variant)
  try {
    return await run(probes)
  } finally {
    for (const probe of probes) probe.close()
  }
}

/** That many requests, one under way on each connection; requests a second. */
export async function runCount(variant: Variant, probes: readonly Probe[], count: number): Promise<number> {
  let left = count
  const start = performance.now()
  const run = async (probe: Probe) => {
    while (left-- > 0) check(variant, await probe.request(variant.request))
  }
  await Promise.all(probes.map(run))
  return count / ((performance.now() - start) / 1000)
}

/** Times in milliseconds of requests sent one after another on the first connection. */
export async function runSequence(variant: Variant, [probe]: readonly Probe[], count: number): Promise<number[]> {
  if (probe === undefined) throw new Error('no connection')
  const times: number[] = []
  for (let done = 0; done < count; done++) times.push(check(variant, await probe.request(variant.request)).totalMs)
  return times
}

/**
 * Times in milliseconds from when a request was due to the end of its answer, with `ratePerSecond` of them due: one that
 * finds no free connection waits for one, and the wait counts.
 */
export async function runPaced(
  variant: Variant,
  probes: readonly Probe[],
  ratePerSecond: number,
  seconds: number,
): Promise<number[]> {
  const total = Math.round(ratePerSecond * seconds)
  const idle = [...probes]
  const waiting: number[] = []
  const times: number[] = []
  const start = performance.now()
  let due = 0
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearInterval(timer)
      settle()
    }
    const send = (probe: Probe, dueAt: number) => {
      probe.request(variant.request).then(
        (timing) => {
          if (timing.status !== 200) return end(() => reject(describeFailure(variant, timing.status)))
          times.push(performance.now() - dueAt)
          const next = waiting.shift()
          if (next === undefined) idle.push(probe)
          else send(probe, next)
          if (times.length === total) end(() => resolve(times))
        },
        (error: unknown) => end(() => reject(error)),
      )
    }
    const timer = setInterval(() => {
      const now = performance.now()
      for (const until = Math.min(total, ((now - start) / 1000) * ratePerSecond); due < until; due++) {
        const dueAt = start + (due / ratePerSecond) * 1000
        const probe = idle.pop()
        // A timer comes late: what was due within its tick is due now.
        if (probe === undefined) waiting.push(dueAt)
        else send(probe, now)
      }
    }, 1)
  })
}

function check(variant: Variant, timing: ProbeTiming): ProbeTiming {
  if (timing.status !== 200) throw describeFailure(variant, timing.status)
  return timing
}

/** With what the server's log says of it. */
function describeFailure(variant: Variant, status: number): Error {
  return new Error([`${variant.name}: status ${status}`, ...variant.server.readTroubles().slice(0, 3)].join('\n'))
}
