// `npm run bench`: Sluice beside a bare relay, @fastify/http-proxy and no proxy at all, in one run, in turns; then Sluice
// with a policy beside Sluice without, and translated beside passed.
// Progress on stderr, the table on stdout. Exit 1 when a server fails, never for a missed target.
import { writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { type Contender, type ContenderName, contenderNames, startContender } from './contenders.ts'
import { readFileLimit, readMachine } from './machine.ts'
import { warmUp } from './measure.ts'
import { type Measurement, measurements, type Pace } from './measurements.ts'
import { pinLoad } from './pin.ts'
import { type PolicyCost, policyMeasurements, runPolicyCost } from './policy-cost/policy-cost.ts'
import { createRecord, renderContention, renderTable, renderTargets } from './report.ts'
import { addSample, type Samples } from './results.ts'
import { type SpawnedServer, spawnServer } from './spawn-server.ts'
import {
  runTranslationCost,
  type TranslationCost,
  translationMeasurements,
} from './translation-cost/translation-cost.ts'

const options = new Command('bench')
  .description('benchmark Sluice against a bare relay and @fastify/http-proxy')
  .option('--quick', 'shorter and coarser: two minutes instead of ten')
  .option('--rounds <n>', 'rounds of every measurement', Number)
  .addOption(
    new Option('--only <names...>', 'measurements').choices([
      ...measurements.map(({ name }) => name),
      ...policyMeasurements,
      ...translationMeasurements,
    ]),
  )
  .addOption(new Option('--contenders <names...>', 'who takes part').choices([...contenderNames]))
  .option('--json <file>', 'also write the samples as JSON')
  .parse()
  .opts<{ quick?: boolean; rounds?: number; only?: string[]; contenders?: string[]; json?: string }>()

const isQuick = options.quick === true
const rounds = options.rounds ?? (isQuick ? 2 : 5)
/** A proxy has two sockets a stream. */
const maxStreams = Math.floor((readFileLimit() - 200) / 2)
const pace: Pace = isQuick
  ? { seconds: 2, latencyRequests: 500, firstEvents: 100, heldStreams: Math.min(500, maxStreams), settleMs: 2000 }
  : { seconds: 4, latencyRequests: 2000, firstEvents: 300, heldStreams: Math.min(2000, maxStreams), settleMs: 5000 }
const names = contenderNames.filter((name) => options.contenders?.includes(name) ?? true)
const chosen = measurements.filter(({ name }) => options.only?.includes(name) ?? true)
// Contenders named and no measurement: nobody asks what Sluice costs beside itself.
const isAsked = (name: string) => options.only?.includes(name) ?? options.contenders === undefined
const policies = policyMeasurements.filter(isAsked)
const translations = translationMeasurements.filter(isAsked)
// Memory hardly varies from round to round, and every one of its rounds starts processes anew.
const memoryRounds = Math.min(rounds, isQuick ? 1 : 3)

// Read before this process is pinned: afterwards it has one core.
const machine = readMachine()
const pinning = pinLoad()
const samples: Samples = new Map()
const startedAt = new Date()

const say = (text: string) => process.stderr.write(`${text}\n`)

/** Each round starts with another contender, so that nobody always goes first. */
function rotate(round: number): ContenderName[] {
  return names.map((_, at) => names[(at + round) % names.length]).filter((name) => name !== undefined)
}

async function runRound(measurement: Measurement, round: number, contenders: ReadonlyMap<ContenderName, Contender>) {
  for (const name of rotate(round)) {
    const contender = contenders.get(name)
    if (contender === undefined || (name === 'direct' && !measurement.hasDirect)) continue
    const sample = await measurement.run(contender, pace).catch((error: unknown) => {
      for (const line of contender.server?.readTroubles() ?? []) say(`${name}: ${line}`)
      throw error
    })
    addSample(samples, name, sample)
    const figures = Object.entries(sample).map(([metric, value]) => `${metric} ${value.toFixed(3)}`)
    say(`round ${round + 1} ${measurement.name.padEnd(11)} ${name.padEnd(10)} ${figures.join(', ')}`)
  }
}

async function runShared(backend: SpawnedServer): Promise<void> {
  const shared = chosen.filter(({ needsFresh }) => !needsFresh)
  if (shared.length === 0) return
  const contenders = new Map<ContenderName, Contender>()
  try {
    for (const name of names) {
      say(`starting and warming ${name}`)
      const contender = await startContender(name, backend, pinning.proxyCore)
      contenders.set(name, contender)
      if (contender.server !== null) await warmUp(contender, isQuick ? 5_000 : 20_000)
    }
    for (const measurement of shared) {
      for (let round = 0; round < rounds; round++) await runRound(measurement, round, contenders)
    }
  } finally {
    for (const contender of contenders.values()) await contender.server?.stop()
  }
}

async function runFresh(backend: SpawnedServer): Promise<void> {
  for (const measurement of chosen.filter(({ needsFresh }) => needsFresh)) {
    for (let round = 0; round < memoryRounds; round++) {
      for (const name of rotate(round)) {
        if (name === 'direct') continue
        const contender = await startContender(name, backend, pinning.proxyCore)
        try {
          await runRound(measurement, round, new Map([[name, contender]]))
        } finally {
          await contender.server?.stop()
        }
      }
    }
  }
}

async function runPolicies(backend: SpawnedServer): Promise<PolicyCost | null> {
  if (policies.length === 0) return null
  const place = { backendPort: backend.port, core: pinning.proxyCore }
  return runPolicyCost(policies, place, { isQuick, rounds: options.rounds ?? null, say })
}

async function runTranslations(backend: SpawnedServer): Promise<TranslationCost | null> {
  if (translations.length === 0) return null
  const place = { backendPort: backend.port, core: pinning.proxyCore }
  return runTranslationCost(translations, place, { isQuick, rounds: options.rounds ?? null, say })
}

async function run(): Promise<void> {
  say(`${machine.processor}, ${machine.cores} cores, Node ${machine.node}; ${pinning.text}`)
  const backend = await spawnServer({ name: 'backend', core: pinning.loadCore, args: ['loadtest/backend.ts'] })
  let policyCost: PolicyCost | null
  let translationCost: TranslationCost | null
  try {
    await runShared(backend)
    await runFresh(backend)
    policyCost = await runPolicies(backend)
    translationCost = await runTranslations(backend)
  } finally {
    await backend.stop()
  }
  const minutes = ((Date.now() - startedAt.getTime()) / 60_000).toFixed(1)
  const heading = `${machine.processor}, ${machine.cores} cores, Node ${machine.node}; ${pinning.text}`
  const parts = [`${heading}; ${rounds} rounds, ${pace.heldStreams} open streams, ${minutes} min`]
  if (chosen.length > 0) {
    parts.push(renderTable(samples), `${renderContention(samples)}${renderTargets(samples)}`)
  }
  if (policyCost !== null) parts.push(policyCost.text)
  if (translationCost !== null) parts.push(translationCost.text)
  process.stdout.write(`\n${parts.join('\n\n')}\n`)
  if (options.json !== undefined) {
    const record = { startedAt: startedAt.toISOString(), machine, pinning: pinning.text, rounds, pace }
    writeFileSync(
      options.json,
      `${JSON.stringify({ ...record, results: createRecord(samples), policyCost, translationCost }, null, 2)}\n`,
    )
  }
}

run().catch((error: unknown) => {
  say(`bench failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
})
