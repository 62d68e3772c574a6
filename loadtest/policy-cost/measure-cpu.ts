// CPU time a request of variants, side by side: all are up at once, and each round asks every one of them in turn. A few
// batches of fresh processes, for two processes of the same program differ by more than a policy costs.
import type { Probe } from '../probe.ts'
import { median } from '../statistics.ts'
import { connectProbes, runCount } from './load.ts'
import { type Setting, startVariant, type Variant, type VariantName } from './variants.ts'

export type CpuPace = Readonly<{ batches: number; rounds: number; requests: number; warmUp: number }>

/** One batch: CPU microseconds a request, one value a round, of each variant. */
export type CpuBatch = ReadonlyMap<VariantName, readonly number[]>

/** The connections stay open for a whole batch: opening them would cost more than a policy. */
type Taking = { readonly variant: Variant; probes: readonly Probe[] }

export async function measureCpu(
  names: readonly VariantName[],
  setting: Setting,
  pace: CpuPace,
  say: (text: string) => void,
): Promise<readonly CpuBatch[]> {
  const batches: CpuBatch[] = []
  for (let batch = 0; batch < pace.batches; batch++) {
    say(`policies: batch ${batch + 1} of ${pace.batches}, warming`)
    batches.push(await measureBatch(names, setting, pace))
    const figures = [...(batches.at(-1) ?? [])].map(([name, values]) => `${name} ${median(values).toFixed(1)}`)
    say(`policies: batch ${batch + 1}, CPU µs/request: ${figures.join(', ')}`)
  }
  return batches
}

async function measureBatch(names: readonly VariantName[], setting: Setting, pace: CpuPace): Promise<CpuBatch> {
  const taking: Taking[] = []
  try {
    for (const name of names) {
      const variant = await startVariant(name, setting)
      const started: Taking = { variant, probes: [] }
      taking.push(started)
      started.probes = await connectProbes(variant)
      await runCount(variant, started.probes, pace.warmUp)
    }
    const samples = new Map<VariantName, number[]>(names.map((name) => [name, []]))
    for (let round = 0; round < pace.rounds; round++) {
      // Each round begins with another one, so that nobody always goes first.
      for (const at of taking.keys()) {
        const next = taking[(at + round) % taking.length]
        if (next !== undefined) samples.get(next.variant.name)?.push(await measureOnce(next, pace.requests))
      }
    }
    return samples
  } finally {
    for (const { variant, probes } of taking) {
      for (const probe of probes) probe.close()
      await variant.stop()
    }
  }
}

async function measureOnce({ variant, probes }: Taking, requests: number): Promise<number> {
  const before = await variant.server.readUsage()
  await runCount(variant, probes, requests)
  const after = await variant.server.readUsage()
  return (after.cpuMicros - before.cpuMicros) / requests
}
