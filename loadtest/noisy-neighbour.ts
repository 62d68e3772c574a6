// D7: what a tenant at twenty times its limit, with slow streams and large bodies, costs its neighbour. B alone and B
// beside A in turns, on one gateway process; success and latency of B. `node loadtest/noisy-neighbour.ts [turns] [seconds]`
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startGateway } from './config-change/gateway-process.ts'
import { readMachine } from './machine.ts'
import { renderManifests } from './noisy-neighbour/manifests.ts'
import { runSteadyClient, type SteadyResult } from './noisy-neighbour/steady-client.ts'
import { spawnServer } from './spawn-server.ts'
import { median, percentile } from './statistics.ts'

const turns = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 8)
const steadyPerSecond = 50
const streams = 300

const folder = await mkdtemp(join(tmpdir(), 'sluice-noisy-'))
// One each: a model server that A keeps busy is not what is measured here.
const [noisy, steady] = await Promise.all(
  ['A', 'B'].map((name) => spawnServer({ name: `backend of ${name}`, args: ['loadtest/backend.ts'], core: null })),
)
if (noisy === undefined || steady === undefined) throw new Error('no backend')
await writeFile(join(folder, 'manifests.yaml'), renderManifests({ noisy: noisy.url, steady: steady.url }))
const gateway = await startGateway(['--config', folder, '--log-format', 'json'])

const alone: SteadyResult[] = []
const beside: SteadyResult[] = []
const noise: string[] = []
try {
  await runSteadyClient(gateway.dataUrl, steadyPerSecond, 2)
  for (let turn = 0; turn < turns; turn++) {
    alone.push(await runSteadyClient(gateway.dataUrl, steadyPerSecond, seconds))
    beside.push(await runBesideNoise())
  }
} finally {
  await gateway.stop()
  await Promise.all([noisy.stop(), steady.stop()])
  await rm(folder, { recursive: true, force: true })
}
process.stdout.write(`${JSON.stringify(readMachine())}\n`)
for (const [at, text] of noise.entries()) process.stdout.write(`A, turn ${at + 1}: ${text}\n`)
report('B alone   ', alone)
report('B beside A', beside)
if (beside.some(({ sent, succeeded }) => succeeded < sent)) process.exitCode = 1

async function runBesideNoise(): Promise<SteadyResult> {
  const script = fileURLToPath(new URL('noisy-neighbour/noise.ts', import.meta.url))
  const child = spawn(process.execPath, [script, new URL(gateway.dataUrl).port, String(streams)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const isReady = Promise.withResolvers<void>()
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
    if (output.includes('ready')) isReady.resolve()
  })
  const exited = once(child, 'exit')
  exited.then(() => isReady.reject(new Error('the noise ended by itself')))
  await isReady.promise
  const cpuBefore = await gateway.readCpuMicros()
  const result = await runSteadyClient(gateway.dataUrl, steadyPerSecond, seconds)
  const cpuShare = ((await gateway.readCpuMicros()) - cpuBefore) / 1e6 / seconds
  child.kill('SIGTERM')
  await exited
  noise.push(`${output.replace('ready\n', '').trim()}, the gateway busy ${Math.round(cpuShare * 100)} % of a core`)
  return result
}

function report(name: string, results: readonly SteadyResult[]): void {
  const sent = results.reduce((sum, result) => sum + result.sent, 0)
  const succeeded = results.reduce((sum, result) => sum + result.succeeded, 0)
  const at = (share: number) => median(results.map(({ latenciesMs }) => percentile(latenciesMs, share))).toFixed(2)
  process.stdout.write(`${name}: ${succeeded} of ${sent} succeeded, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`)
}
