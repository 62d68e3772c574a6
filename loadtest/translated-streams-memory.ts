// `node loadtest/translated-streams-memory.ts [--streams 100000]`: does a gateway that translates streams keep anything of
// them? A real gateway before an Anthropic-shaped backend; some clients leave in the middle. Memory is read after a full
// collection, between streams. Progress on stderr, the result on stdout; exit 1 when memory grows.
import { parseArgs } from 'node:util'
import { startSluice } from './contenders.ts'
import { pinLoad } from './pin.ts'
import { Probe } from './probe.ts'
import { type SpawnedServer, spawnServer } from './spawn-server.ts'
import { fitSlope } from './statistics.ts'
import { translatedModel } from './translation-cost/measure.ts'
import { benchKey, renderChatRequest } from './wire.ts'

const { values } = parseArgs({ options: { streams: { type: 'string', default: '100000' } } })
const streams = Number(values.streams)
const samples = 50
/** What is read before code and pools are warm says nothing. */
const warmUpShare = 0.3
const connections = 50
/** One stream of so many is left by its client. */
const streamsPerAbort = 25
/** Growth over all streams after the warm-up that is still called flat. */
const flat = { heapMegabytes: 2, rssMegabytes: 10 }
/** A script that hangs must end. */
const wholeTimeoutMs = 20 * 60_000

type MemorySample = Readonly<{ streams: number; heapMegabytes: number; rssMegabytes: number }>

const say = (text: string) => process.stderr.write(`${text}\n`)
setTimeout(() => {
  say('gave up: it takes too long')
  process.exit(1)
}, wholeTimeoutMs).unref()

const burst = renderChatRequest('burst', benchKey, translatedModel)
const paced = renderChatRequest('stream', benchKey, translatedModel)
const pinning = pinLoad()
const backend = await spawnServer({ name: 'backend', core: pinning.loadCore, args: ['loadtest/backend.ts'] })
let gateway: SpawnedServer | null = null
try {
  const config = 'loadtest/translation-cost/config'
  gateway = await startSluice(config, backend.port, pinning.proxyCore, { nodeFlags: ['--expose-gc'] })
  report(await measure(gateway))
} finally {
  await gateway?.stop()
  await backend.stop()
}

async function measure(server: SpawnedServer): Promise<readonly MemorySample[]> {
  const taken: MemorySample[] = []
  const probes = await Promise.all(Array.from({ length: connections }, () => Probe.connect(server.port)))
  for (let sample = 1; sample <= samples; sample++) {
    let left = Math.ceil(streams / samples)
    const work = async (_: Probe, at: number) => {
      while (left-- > 0) {
        const probe = probes[at] ?? (await Probe.connect(server.port))
        if (left % streamsPerAbort === 0) {
          await probe.hold(paced)
          probe.close()
          probes[at] = await Probe.connect(server.port)
          continue
        }
        const { status } = await probe.request(burst)
        if (status !== 200) throw new Error([`status ${status}`, ...server.readTroubles()].join('\n'))
      }
    }
    await Promise.all(probes.map(work))
    const { heapBytes, rssBytes } = await server.readCollectedUsage()
    const now = { streams: sample * Math.ceil(streams / samples), ...readMegabytes(heapBytes, rssBytes) }
    taken.push(now)
    say(render(now))
  }
  for (const probe of probes) probe.close()
  return taken
}

function readMegabytes(heapBytes: number, rssBytes: number): Omit<MemorySample, 'streams'> {
  return { heapMegabytes: heapBytes / 1024 ** 2, rssMegabytes: rssBytes / 1024 ** 2 }
}

function render({ streams: count, heapMegabytes, rssMegabytes }: MemorySample): string {
  return `${count} streams: heap ${heapMegabytes.toFixed(1)} MB, RSS ${rssMegabytes.toFixed(0)} MB`
}

/** The line through what was read after the warm-up, as growth over all of it. */
function report(taken: readonly MemorySample[]): void {
  const warm = taken.slice(Math.floor(taken.length * warmUpShare))
  const last = taken.at(-1)
  const lines = [`${streams} translated streams of 100 events, one of ${streamsPerAbort} left by its client`]
  if (last !== undefined) lines.push(render(last))
  for (const name of ['heapMegabytes', 'rssMegabytes'] as const) {
    const slope = fitSlope(warm.map((sample) => [sample.streams, sample[name]]))
    const growth = slope.value * streams
    const isFlat = growth - slope.uncertainty * streams <= flat[name]
    if (!isFlat) process.exitCode = 1
    const text = `${growth.toFixed(2)} ± ${(slope.uncertainty * streams).toFixed(2)} MB in ${streams} streams`
    lines.push(`${name}: ${text}, ${isFlat ? 'flat' : 'GROWS'} (up to ${flat[name]})`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}
