// `npm run soak -- --minutes N`: the gateway under faults, aborts and configuration churn, then idle. Shows whether
// memory, sockets and timers stay flat and come back. Exit 1 when a server fails or a verdict is bad.
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { readAdminPort, startSluice } from './contenders.ts'
import { readMachine } from './machine.ts'
import { createConfigChurn } from './soak-churn.ts'
import { startSoakClients } from './soak-clients.ts'
import { readSoakSample, type SoakSample } from './soak-sample.ts'
import { readVerdicts } from './soak-verdict.ts'
import { type SpawnedServer, spawnServer } from './spawn-server.ts'

const options = new Command('soak')
  .description('run the gateway under faults, aborts and configuration churn, then look at what is left')
  .option('--minutes <n>', 'how long the load runs', Number, 10)
  .option('--clients <n>', 'clients at a time', Number, 32)
  .option('--json <file>', 'also write the samples as JSON')
  .parse()
  .opts<{ minutes: number; clients: number; json?: string }>()

if (!(options.minutes > 0 && options.clients > 0)) {
  process.stderr.write('error: --minutes and --clients must be numbers above 0\n')
  process.exit(2)
}

const abortShare = 0.2
/** 5 % of requests meet an upstream fault: a status, a reset, or silence. */
const faults = ['--fail-rate', '0.02', '--reset-rate', '0.02', '--hang-rate', '0.01']
const loadMs = options.minutes * 60_000
const sampleEveryMs = Math.min(10_000, loadMs / 20)
/** Compiled code and pools reach their size first: a fifth of the run, ten minutes at most. */
const warmUpMs = Math.min(600_000, loadMs * 0.2)
/** Idle connections of both sides have closed by then: the longest keep-alive of the gateway is 75 s. */
const idleDeadlineMs = 100_000

const say = (text: string) => process.stderr.write(`${text}\n`)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function show(sample: SoakSample): string {
  const lag = sample.loopLagP99Ms === null ? '-' : `${sample.loopLagP99Ms.toFixed(0)} ms`
  return `${sample.minutes.toFixed(1)} min: RSS ${sample.rssMegabytes.toFixed(0)} MB, heap ${sample.heapMegabytes.toFixed(1)} MB, sockets ${sample.sockets ?? '-'}, timers ${sample.timers}, streams ${sample.streamsOpen ?? '-'}, loop lag p99 ${lag}`
}

async function run(servers: SpawnedServer[]): Promise<void> {
  const startedAt = new Date()
  const simulator = await spawnServer({
    name: 'simulator',
    core: null,
    args: ['src/main.ts', 'simulate', '--listen', '127.0.0.1:0', '--inter-token', '4ms', ...faults],
    readPort: (stdout) => Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(stdout)?.[1] ?? 0) || null,
  })
  servers.push(simulator)
  const churn = createConfigChurn()
  process.once('exit', churn.remove)
  const sluice = await startSluice(churn.folder, simulator.port, null, { nodeFlags: ['--expose-gc'] })
  servers.push(sluice)
  const adminPort = readAdminPort(sluice.startText)
  if (adminPort === null) throw new Error('sluice did not say where its admin port is')

  const startMs = performance.now()
  const before = await readSoakSample(sluice, adminPort, startMs)
  say(`before the load: ${show(before)}`)
  const clients = startSoakClients({ origin: sluice.url, clients: options.clients, abortShare, seed: 1 })
  churn.start()
  const samples: SoakSample[] = []
  while (performance.now() - startMs < loadMs) {
    await pause(sampleEveryMs)
    for (const server of servers) if (!server.isAlive()) throw new Error(`${server.name} has died`)
    const sample = await readSoakSample(sluice, adminPort, startMs)
    samples.push(sample)
    say(`${show(sample)}; ${Object.values(clients.counts).reduce((sum, count) => sum + count, 0)} requests`)
  }
  churn.stop()
  await clients.stop()
  say('the load has ended, waiting for what is idle to close')
  const after = await readIdle(sluice, adminPort, startMs, before)
  say(`after the load: ${show(after)}`)

  const record = {
    before,
    steady: samples.filter(({ minutes }) => minutes * 60_000 > warmUpMs),
    after,
    counts: clients.counts,
  }
  const verdicts = readVerdicts(record)
  const exitCode = await sluice.terminate()
  verdicts.push({ text: `SIGTERM: exit ${exitCode}`, result: exitCode === 0 ? 'good' : 'bad' })
  const machine = readMachine()
  process.stdout.write(
    `\n${machine.processor}, ${machine.cores} cores, Node ${machine.node}; ${options.minutes} min, ${options.clients} clients, ${abortShare * 100} % aborts, 5 % upstream faults, ${churn.readCount()} configurations\n` +
      `${verdicts.map(({ text, result }) => `  ${result.toUpperCase().padEnd(8)} ${text}`).join('\n')}\n` +
      clients.surprises.map((text) => `  unexplained: ${text}\n`).join(''),
  )
  if (options.json !== undefined) {
    const file = {
      startedAt: startedAt.toISOString(),
      machine,
      options,
      samples,
      ...record,
      verdicts,
      surprises: clients.surprises,
    }
    writeFileSync(options.json, `${JSON.stringify(file, null, 2)}\n`)
  }
  if (verdicts.some(({ result }) => result === 'bad')) process.exitCode = 1
}

/** The first sample with everything closed, or the last one before the deadline. */
async function readIdle(
  sluice: SpawnedServer,
  adminPort: number,
  startMs: number,
  before: SoakSample,
): Promise<SoakSample> {
  const deadline = performance.now() + idleDeadlineMs
  for (;;) {
    await pause(5000)
    const sample = await readSoakSample(sluice, adminPort, startMs)
    const isBack = (sample.sockets ?? 0) <= (before.sockets ?? 0) + 1 && sample.timers <= before.timers + 1
    if (isBack || performance.now() > deadline) return sample
  }
}

const servers: SpawnedServer[] = []
run(servers)
  .catch((error: unknown) => {
    say(`soak failed: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  })
  .finally(async () => {
    for (const server of servers) await server.stop()
  })
