// `npm run bench:config`: how long a configuration change takes to reach the answers, and what many routes cost, measured
// on real `sluice serve` processes and a real API server. Progress on stderr, result on stdout. Options: --json,
// --writes N (200), --skip-kubernetes.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findAssets } from '../test/support/cluster/find-assets.ts'
import { startCluster } from '../test/support/cluster/start-cluster.ts'
import { readRoutePath } from './config-change/bench-routes.ts'
import { type Compilations, type GatewayProcess, startGateway } from './config-change/gateway-process.ts'
import { measurePropagation } from './config-change/measure-propagation.ts'
import { measureRequests } from './config-change/measure-requests.ts'
import { type PropagationRow, type RequestRow, renderTables, type StartRow } from './config-change/report.ts'
import { writeRouteFolder } from './config-change/route-folder.ts'
import { createRouteNamespace } from './config-change/route-namespace.ts'
import { percentile } from './statistics.ts'

const fewRoutes = 10
const someRoutes = 3_000
const manyRoutes = 10_000
const aimsP99Ms = new Map([
  [fewRoutes, 30],
  [someRoutes, 100],
])
/** With many routes there is no aim, only a look. */
const fewerWrites = 50
/** Nothing here takes this long; a benchmark that hangs must end. */
const wholeTimeoutMs = 15 * 60_000

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    writes: { type: 'string', default: '200' },
    'skip-kubernetes': { type: 'boolean', default: false },
  },
})
const writes = Number(flags.writes)
const startedMs = Date.now()
const report = (line: string) => {
  process.stderr.write(`[${((Date.now() - startedMs) / 1000).toFixed(0)} s] ${line}\n`)
}
const giveUp = () => {
  report('gave up: it takes too long')
  process.exit(1)
}
setTimeout(giveUp, wholeTimeoutMs).unref()

const propagation: PropagationRow[] = []
const starts: StartRow[] = []
const requests: RequestRow[] = []
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const backend = createServer((_request, response) => response.end('ok'))
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
const address = backend.address()
const backendPort = typeof address === 'object' && address !== null ? address.port : 0

await measureFiles()
if (!flags['skip-kubernetes']) await measureKubernetes()
backend.closeAllConnections()
backend.close()

const found = { propagation, starts, requests }
process.stdout.write(flags.json ? `${JSON.stringify(found, null, 2)}\n` : renderTables(found))

async function measureFiles(): Promise<void> {
  for (const routes of [fewRoutes, someRoutes]) {
    report(`file: ${writes} edits with ${routes} routes`)
    const routeFolder = writeRouteFolder(folder, routes, backendPort)
    const gateway = await startGateway(['--config', routeFolder.path])
    const first = await gateway.readCompilations()
    await addPropagation('file', routes, gateway, async (marker) => routeFolder.edit(marker))
    await addStart('file', routes, gateway, first)
    await gateway.stop()
  }
  report(`requests through ${fewRoutes} and ${manyRoutes} routes, in turns`)
  const few = await startGateway(['--config', join(folder, `routes-${fewRoutes}`)])
  const manyFolder = writeRouteFolder(folder, manyRoutes, backendPort)
  const many = await startGateway(['--config', manyFolder.path])
  const first = await many.readCompilations()
  const subjects = [
    { routes: fewRoutes, gateway: few },
    { routes: manyRoutes, gateway: many },
  ]
  for (const { routes, latenciesMs, cpuMicrosPerRequest } of await measureRequests(subjects)) {
    requests.push({
      routes,
      requests: latenciesMs.length,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
      cpuMicros: cpuMicrosPerRequest,
    })
  }
  report(`file: ${fewerWrites} edits with ${manyRoutes} routes`)
  await addPropagation('file', manyRoutes, many, async (marker) => manyFolder.edit(marker), fewerWrites)
  await addStart('file', manyRoutes, many, first)
  await Promise.all([few.stop(), many.stop()])
}

async function measureKubernetes(): Promise<void> {
  const assets = await findAssets(process.env, report)
  if ('missing' in assets) throw new Error(assets.missing)
  report('kubernetes: starting a control plane')
  const cluster = await startCluster({ programs: assets.programs })
  await cluster.applyCrds()
  for (const routes of [fewRoutes, someRoutes, manyRoutes]) {
    report(`kubernetes: creating ${routes} routes`)
    const namespace = await createRouteNamespace(cluster, routes, backendPort)
    const writesHere = routes === manyRoutes ? fewerWrites : writes
    report(`kubernetes: ${writesHere} writes with ${routes} routes`)
    // Backends on loopback are refused in this mode unless allowed.
    const args = ['--kubernetes', '--namespace', namespace.name, '--allow-upstream', '127.0.0.0/8']
    const gateway = await startGateway(args, { KUBECONFIG: cluster.kubeconfigPath })
    const first = await gateway.readCompilations()
    await addPropagation('kubernetes', routes, gateway, namespace.edit, writesHere)
    await addStart('kubernetes', routes, gateway, first)
    await gateway.stop()
  }
  await cluster.stop()
}

async function addPropagation(
  source: PropagationRow['source'],
  routes: number,
  gateway: GatewayProcess,
  edit: (marker: string) => Promise<void>,
  count = writes,
): Promise<void> {
  const { delaysMs, pollGapsMs } = await measurePropagation(gateway.dataUrl, readRoutePath(0), count, edit)
  propagation.push({
    source,
    routes,
    writes: delaysMs.length,
    p50Ms: percentile(delaysMs, 0.5),
    p99Ms: percentile(delaysMs, 0.99),
    maxMs: Math.max(...delaysMs),
    pollGapP50Ms: percentile(pollGapsMs, 0.5),
    pollGapP99Ms: percentile(pollGapsMs, 0.99),
    aimP99Ms: aimsP99Ms.get(routes) ?? null,
  })
}

/** `first`: the compilations before the edits, which are counted apart, as the code was cold then. */
async function addStart(
  source: StartRow['source'],
  routes: number,
  gateway: GatewayProcess,
  first: Compilations,
): Promise<void> {
  const all = await gateway.readCompilations()
  const compileFirstMs = first.totalMs / first.count
  const compileEditMs = (all.totalMs - first.totalMs) / (all.count - first.count)
  starts.push({ source, routes, startMs: gateway.startMs, compileFirstMs, compileEditMs })
}
