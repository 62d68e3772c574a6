// CPU time of one gateway process for the same requests, to a backend of the client's own format and to an Anthropic one.
// Both are asked in turns within a round: drift of the machine cancels out.
import { startSluice } from '../contenders.ts'
import { Probe } from '../probe.ts'
import type { SpawnedServer } from '../spawn-server.ts'
import { median } from '../statistics.ts'
import { benchKey, benchModel, renderChatRequest } from '../wire.ts'

export const translatedKinds = ['unary', 'stream', 'burst'] as const
export type TranslatedKind = (typeof translatedKinds)[number]

export type TranslationPace = Readonly<{
  batches: number
  rounds: number
  /** Of each kind in a round. */
  requests: Readonly<Record<TranslatedKind, number>>
  warmUp: Readonly<Record<TranslatedKind, number>>
}>

/** CPU microseconds a request, one value a round. */
export type TranslationSamples = Readonly<
  Record<TranslatedKind, Readonly<{ passed: readonly number[]; translated: readonly number[] }>>
>

const connections = 64
export const translatedModel = 'bench-claude'

export async function measureTranslation(
  place: Readonly<{ backendPort: number; core: number | null }>,
  pace: TranslationPace,
  say: (text: string) => void,
): Promise<TranslationSamples> {
  const samples = {
    unary: { passed: [] as number[], translated: [] as number[] },
    stream: { passed: [] as number[], translated: [] as number[] },
    burst: { passed: [] as number[], translated: [] as number[] },
  }
  for (let batch = 0; batch < pace.batches; batch++) {
    say(`translation: batch ${batch + 1} of ${pace.batches}, warming`)
    // Fresh processes: no two of the same program cost quite the same.
    const server = await startSluice('loadtest/translation-cost/config', place.backendPort, place.core)
    try {
      for (const kind of translatedKinds) await measureKind(server, kind, pace, samples[kind])
    } finally {
      await server.stop()
    }
    const figures = translatedKinds.map((kind) => {
      const { passed, translated } = samples[kind]
      return `${kind} ${median(passed).toFixed(0)} and ${median(translated).toFixed(0)}`
    })
    say(`translation: CPU µs, passed and translated: ${figures.join(', ')}`)
  }
  return samples
}

async function measureKind(
  server: SpawnedServer,
  kind: TranslatedKind,
  pace: TranslationPace,
  samples: { passed: number[]; translated: number[] },
): Promise<void> {
  const passed = renderChatRequest(kind)
  const translated = renderChatRequest(kind, benchKey, translatedModel)
  const probes = await Promise.all(Array.from({ length: connections }, () => Probe.connect(server.port)))
  try {
    for (const request of [passed, translated]) await run(server, probes, request, pace.warmUp[kind])
    for (let round = 0; round < pace.rounds; round++) {
      const measure = async (request: Buffer, into: number[]) => {
        const before = await server.readUsage()
        await run(server, probes, request, pace.requests[kind])
        into.push(((await server.readUsage()).cpuMicros - before.cpuMicros) / pace.requests[kind])
      }
      // Each round begins with the other, so that neither always goes first.
      if (round % 2 === 0) await measure(passed, samples.passed)
      await measure(translated, samples.translated)
      if (round % 2 === 1) await measure(passed, samples.passed)
    }
  } finally {
    for (const probe of probes) probe.close()
  }
}

async function run(server: SpawnedServer, probes: readonly Probe[], request: Buffer, count: number): Promise<void> {
  let left = count
  const work = async (probe: Probe) => {
    while (left-- > 0) {
      const { status } = await probe.request(request)
      if (status !== 200) throw new Error([`${benchModel}: status ${status}`, ...server.readTroubles()].join('\n'))
    }
  }
  await Promise.all(probes.map(work))
}
