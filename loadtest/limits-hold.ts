// `node loadtest/limits-hold.ts`: a limit of 1,000 under 500 clients at once, run after run (E1), and with several
// processes that share one Redis under uneven load (E2). A line a run; exit 1 when one let more or fewer through.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { Agent } from 'undici'
import { startSluice } from './contenders.ts'
import { startRedisServer } from './policy-cost/redis-server.ts'
import { type SpawnedServer, spawnServer } from './spawn-server.ts'

const options = new Command('limits-hold')
  .description('does a limit admit exactly its number, however many ask at once, of however many processes')
  .option('--runs <n>', 'runs with each number of processes', Number, 20)
  .option('--processes <list>', 'numbers of gateway processes; more than one share a Redis', '1,2,3,5')
  .option('--clients <n>', 'clients at a time', Number, 500)
  .option('--requests <n>', 'requests of a run', Number, 2_500)
  .parse()
  .opts<{ runs: number; processes: string; clients: number; requests: number }>()

const limit = 1_000
const processCounts = options.processes.split(',').map(Number)
if (
  !(options.runs > 0 && options.clients > 0 && options.requests > limit && processCounts.every((count) => count > 0))
) {
  process.stderr.write(`error: all numbers must be above 0, and --requests above ${limit}\n`)
  process.exit(2)
}

type Tally = Record<'admitted' | 'refused' | 'others', number>

const body = JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] })

/** Every run has a route of its own, and so a count that nobody has used. */
function renderManifests(): string {
  const metadata = { namespace: 'bench' }
  const model = {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIModel',
    metadata: { ...metadata, name: 'model' },
    spec: { modelName: 'm', modelProvider: 'Custom', modelType: 'LLM', endpoint: 'http://model-server.bench:8000/v1' },
  }
  const renderRoute = (name: string, requestsPerDay: number) => ({
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { ...metadata, name },
    spec: {
      path: `/${name}`,
      authentication: false,
      backends: [{ modelRef: { name: 'model', kind: 'AIModel' } }],
      // One request that is not counted in Redis but by its process alone would show.
      rateLimit: { requestsPerDay, onStoreFailure: 'Allow' },
    },
  })
  const routes = Array.from({ length: options.runs }, (_, run) => renderRoute(`run-${run + 1}`, limit))
  return [model, ...routes].map((manifest) => JSON.stringify(manifest)).join('\n---\n')
}

/** Half of the clients ask the first process, half of the rest the second, and so on. */
function pickOrigin(origins: readonly string[], client: number): string {
  let at = 0
  for (let rest = client; rest % 2 === 1 && at < origins.length - 1; rest >>= 1) at++
  return origins[at] ?? ''
}

async function runOnce(origins: readonly string[], route: string): Promise<Tally> {
  const agent = new Agent({ connections: options.clients, pipelining: 1 })
  const tally: Tally = { admitted: 0, refused: 0, others: 0 }
  let asked = 0
  const runClient = async (client: number) => {
    const origin = pickOrigin(origins, client)
    while (asked < options.requests) {
      asked++
      tally[await askOnce(agent, origin, route)]++
    }
  }
  await Promise.all(Array.from({ length: options.clients }, (_, client) => runClient(client)))
  await agent.close()
  return tally
}

async function askOnce(agent: Agent, origin: string, route: string): Promise<keyof Tally> {
  const headers = { 'content-type': 'application/json' }
  const answer = await agent.request({ origin, path: `/${route}`, method: 'POST', headers, body })
  await answer.body.dump()
  if (answer.statusCode === 200) return 'admitted'
  return answer.statusCode === 429 ? 'refused' : 'others'
}

async function runProcesses(count: number, folder: string, backendPort: number): Promise<number> {
  const redis = count === 1 ? null : await startRedisServer()
  if (count > 1 && redis === null) {
    process.stdout.write(`${count} processes: no redis-server on the PATH\n`)
    return 1
  }
  const gateways: SpawnedServer[] = []
  let failures = 0
  try {
    const flags = redis === null ? [] : ['--redis', redis.url]
    for (let at = 0; at < count; at++) gateways.push(await startSluice(folder, backendPort, null, { flags }))
    const origins = gateways.map(({ url }) => url)
    for (let run = 1; run <= options.runs; run++) {
      const startMs = performance.now()
      const { admitted, refused, others } = await runOnce(origins, `run-${run}`)
      const seconds = (performance.now() - startMs) / 1000
      const isExact = admitted === limit && refused === options.requests - limit
      if (!isExact) failures++
      process.stdout.write(
        `${count} process${count === 1 ? '' : 'es'}, run ${run}: ${admitted} admitted, ${refused} refused, ` +
          `${others} others, ${seconds.toFixed(1)} s: ${isExact ? 'exact' : 'WRONG'}\n`,
      )
    }
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
    await redis?.stop()
  }
  return failures
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-limits-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'limits.yaml'), renderManifests())
const backend = await spawnServer({ name: 'backend', core: null, args: ['loadtest/backend.ts'] })
try {
  let failures = 0
  for (const count of processCounts) failures += await runProcesses(count, folder, backend.port)
  const runs = processCounts.length * options.runs
  process.stdout.write(`${runs - failures} of ${runs} runs exact\n`)
  process.exitCode = failures === 0 ? 0 : 1
} finally {
  await backend.stop()
}
