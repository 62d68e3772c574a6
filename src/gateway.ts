// Composition root of `sluice serve`: the only file that constructs the data plane's parts and joins them.

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResourceStatus } from './api/conditions.ts'
import type { Resource } from './api/resource.ts'
import { type CompileResult, compile } from './compiler/compile.ts'
import { dumpTable } from './compiler/dump-table.ts'
import { createFileSource } from './config/file/file-source.ts'
import { findDemoKey } from './config/find-demo-key.ts'
import { createReconciler, type ReconcileReport } from './config/reconciler.ts'
import type { Source, SourceProblem } from './config/source.ts'
import { createResourceValidator } from './config/validation/resource-validator.ts'
import { TokenBinder } from './policies/jwt/token-index.ts'
import { ExhaustedLimits } from './policies/limits/exhausted-limits.ts'
import { MemoryLimitStore } from './policies/limits/memory-store.ts'
import type { LimitStore } from './policies/limits/store.ts'
import { SnapshotHolder } from './routing/snapshot.ts'
import { createAdminApp } from './server/admin.ts'
import { createDataApp } from './server/app.ts'
import { bindTable } from './server/bind-table.ts'
import { createClientAddressReader } from './server/client-address.ts'
import type { DataPlane } from './server/data-plane.ts'
import { type Drain, startDrain } from './server/drain.ts'
import { readTargetHealth } from './server/read-target-health.ts'
import { createSweeper } from './server/sweeper.ts'
import type { ServeSettings } from './settings.ts'
import { createSimulator } from './simulator/create-simulator.ts'
import { defaultSimulatorSettings } from './simulator/simulator-settings.ts'
import { createAccessLog } from './telemetry/access-log.ts'
import { createConfigReporter } from './telemetry/config-report.ts'
import { describeCause } from './telemetry/describe-cause.ts'
import { ExchangeSeries } from './telemetry/exchange-series.ts'
import { createHealthReporter } from './telemetry/health-report.ts'
import { createJwksReporter } from './telemetry/jwks-report.ts'
import type { LineWriter, Logger } from './telemetry/logger.ts'
import { createMetrics, keepRouteSeries } from './telemetry/metrics.ts'
import { createAddressGuard } from './upstream/address-guard.ts'
import { Backends } from './upstream/backends.ts'
import type { BoundTable } from './upstream/bound-route.ts'
import type { ConnectorOptions } from './upstream/connector.ts'
import { JwksSources } from './upstream/jwks-sources.ts'

export type Gateway = Readonly<{
  /** Resolves when the first table is served; the addresses are the real ones (port 0 was a free one). */
  start(): Promise<
    Readonly<{
      data: AddressInfo
      admin: AddressInfo
      bound: BoundTable
      statuses: readonly ResourceStatus[]
      demoKey: string | null
    }>
  >
  /** Begins a graceful end; a second call hurries it. Resolves when everything has ended. */
  drain(options?: Readonly<{ isHurried?: boolean; delayMs?: number }>): Promise<void>
  /** Ends everything now. */
  stop(): Promise<void>
}>

/** `writeLine`: where access-log lines go when they need no logger. */
export async function createGateway(
  settings: ServeSettings,
  logger: Logger,
  environment: NodeJS.ProcessEnv,
  writeLine: LineWriter | null = null,
): Promise<Gateway> {
  const metrics = createMetrics()
  const simulator = settings.simulate
    ? createSimulator({ ...defaultSimulatorSettings, port: 0, interTokenMs: 10 })
    : null
  const lifecycle = { isDraining: false }
  const { limits, connectLimits } = await createLimits(settings, logger, metrics)
  const firstTable = Promise.withResolvers<void>()
  const sources = await createSources(settings, logger, environment, metrics)
  let statuses: readonly ResourceStatus[] = []
  let problems: readonly SourceProblem[] = []
  let served: Served | null = null
  let drain: Drain | null = null
  let dialled: Dialled | null = null

  const publish = (result: CompileResult) => {
    if (dialled === null) throw new Error('published before start')
    const previous = served?.plane.snapshot.current ?? null
    const bound = bindTable(result, (previous?.generation ?? 0) + 1, previous, { ...dialled, metrics })
    if (served === null) served = createServed(bound)
    else served.plane.snapshot.swap(bound)
    sweeper.noteSwap()
    firstTable.resolve()
  }

  const createServed = (bound: BoundTable): Served => {
    const plane: DataPlane = {
      snapshot: new SnapshotHolder(bound),
      lifecycle,
      limits,
      exhausted: new ExhaustedLimits(),
      metrics,
      unroutedSeries: new ExchangeSeries(metrics, '', null),
      accessLog: createAccessLog(logger, writeLine),
      reportBug: (error) => logger.error({ cause: describeCause(error) }, 'a bug'),
      readClientAddress: createClientAddressReader(settings.trustedProxies),
      bodyLimitBytes: settings.bodyLimitBytes,
      exchanges: new Set(),
    }
    const app = createDataApp(plane, settings.http)
    return { plane, server: app.server, app }
  }

  const sweeper = createSweeper<BoundTable>({
    readCurrent: () => requireServed(served).plane.snapshot.current,
    // Exchanges under way keep their own references.
    sweep: (tables) => {
      const routes = tables.flatMap((bound) => [...bound.routes.values()])
      keepRouteSeries(metrics, new Set(routes.map(({ route }) => route.id)))
      dialled?.backends.sweep(routes.flatMap((bound) => bound.tiers.flat()))
      dialled?.jwks.sweep(listJwksUris(tables))
      const limitIds = listLimitIds(tables)
      metrics.limitDecisions.keepLimits(limitIds)
      limits.sweep(limitIds)
    },
    delayMs: 10_000,
  })

  const reportConfig = createConfigReporter(metrics, logger)
  const reconciler = createReconciler<ReadonlyMap<string, Resource>, CompileResult>({
    sources,
    compile: ({ resources, lastGood }) => compile({ resources, lastGood: lastGood ?? new Map() }),
    publish,
    report: (report: ReconcileReport) => {
      statuses = report.statuses
      problems = report.problems
      reportConfig(report)
      if (report.outcome === 'failed' && served === null) firstTable.reject(report.error)
    },
  })

  const admin = createAdminApp({
    metrics,
    refreshGauges: () => {
      metrics.upstreamConnections.set(dialled?.backends.pools.openConnections ?? 0)
      metrics.draining.set(lifecycle.isDraining ? 1 : 0)
      reportTargetHealth(metrics, served?.plane.snapshot.current ?? null)
      for (const source of sources) {
        for (const [kind, ageMs] of source.readLastEventAges()) metrics.configEventAge.set({ kind }, ageMs / 1000)
      }
    },
    readBound: () => served?.plane.snapshot.current ?? null,
    readReadiness: () => {
      if (lifecycle.isDraining) return { isReady: false, reason: 'draining' }
      if (served?.server.listening) return { isReady: true, reason: 'serving' }
      const waiting = sources.filter((source) => !source.isSynced()).map((source) => source.name)
      const trouble = sources
        .flatMap((source) => source.readProblems())
        .map(({ location, reason }) => `${location}: ${reason}`)
      return {
        isReady: false,
        reason: [`waiting for ${waiting.join(', ') || 'the first table'}`, ...trouble].join('; '),
      }
    },
    renderConfig: () => {
      if (served === null) return null
      const { generation, table } = served.plane.snapshot.current
      return { generation, digest: table.digest, table: dumpTable(table), statuses, problems }
    },
  })

  const closeRest = async () => {
    sweeper.stop()
    await reconciler.stop()
    dialled?.backends.close()
    dialled?.jwks.close()
    await Promise.all([admin.close(), simulator?.stop()])
    // Exchanges have been settled by now.
    await limits.stop()
  }

  return {
    async start() {
      const simulated = simulator === null ? null : await simulator.start()
      const dialling: ConnectorOptions = {
        isAddressAllowed: createAddressGuard({
          allow: settings.allowUpstream,
          deny: settings.denyUpstream,
          isLoopbackAllowed: !settings.kubernetes.isEnabled,
        }),
        resolve: settings.resolve,
        simulator: simulated === null ? null : { address: '127.0.0.1', port: simulated.port },
      }
      const jwks = new JwksSources(dialling, createJwksReporter(metrics, logger))
      const tokens = new TokenBinder({ openKeys: (uri) => jwks.get(uri), now: Date.now })
      dialled = { backends: new Backends(dialling, settings.upstream, createHealthReporter(logger)), jwks, tokens }
      try {
        await admin.listen(settings.admin)
        const connected = connectLimits()
        await reconciler.start()
        await firstTable.promise
        await connected
        const { server, app, plane } = requireServed(served)
        await app.fastify.listen(settings.listen)
        return {
          data: readAddress(server),
          admin: readAddress(admin.server),
          bound: plane.snapshot.current,
          statuses,
          demoKey: findDemoKey(sources.map((source) => source.read())),
        }
      } catch (error) {
        await closeRest()
        throw error
      }
    },
    async drain({ isHurried = false, delayMs = settings.drainDelayMs } = {}) {
      if (served === null) {
        await closeRest()
        return
      }
      drain ??= startDrain(served.plane, served.server, delayMs, settings.drainTimeoutMs)
      if (isHurried) drain.hurry()
      await drain.finished
      await closeRest()
    },
    async stop() {
      served?.server.closeAllConnections()
      await served?.app.fastify.close()
      await closeRest()
    },
  }
}

function reportTargetHealth({ targetHealthy }: ReturnType<typeof createMetrics>, bound: BoundTable | null): void {
  const health = bound === null ? new Map<string, number>() : readTargetHealth(bound, performance.now())
  for (const [target, share] of health) targetHealthy.series({ target }).value = share
  targetHealthy.keepTargets(new Set(health.keys()))
}

function listJwksUris(tables: readonly BoundTable[]): ReadonlySet<string> {
  const issuers = tables.flatMap(({ table }) => table.keySets.flatMap((keySet) => keySet.issuers))
  return new Set(issuers.flatMap(({ jwks }) => (jwks.kind === 'uri' ? [jwks.uri] : [])))
}

function listLimitIds(tables: readonly BoundTable[]): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const { table } of tables) {
    for (const { limits } of table.routes) for (const { id } of limits) ids.add(id)
    for (const { consumers, defaults } of table.keySets) {
      for (const { limits } of [...consumers, defaults]) for (const { id } of limits) ids.add(id)
    }
  }
  return ids
}

/** What outlives tables and connects to others. */
type Dialled = Readonly<{ backends: Backends; jwks: JwksSources; tokens: TokenBinder }>

type Served = Readonly<{ plane: DataPlane; server: Server; app: ReturnType<typeof createDataApp> }>

/** `connectLimits` resolves when counts are shared, or could have been: then they are counted here until they are. */
async function createLimits(
  { redis, limitLeaseMs }: ServeSettings,
  logger: Logger,
  metrics: ReturnType<typeof createMetrics>,
): Promise<Readonly<{ limits: LimitStore; connectLimits: () => Promise<void> }>> {
  const memory = new MemoryLimitStore()
  if (redis === null) return { limits: memory, connectLimits: async () => {} }
  const { RedisLimitStore } = await import('./policies/limits/redis/redis-limit-store.ts')
  const up = metrics.limitStoreUp.series({})
  const limits = new RedisLimitStore({
    redis,
    leaseMs: limitLeaseMs,
    fallback: memory,
    onChange: (isUp, reason) => {
      up.value = isUp ? 1 : 0
      if (isUp) logger.info('limit store: Redis counts')
      else logger.warn({ reason }, 'limit store: Redis can’t be used; limits go as their onStoreFailure says')
    },
  })
  return { limits, connectLimits: () => limits.start() }
}

async function createSources(
  settings: ServeSettings,
  logger: Logger,
  environment: NodeJS.ProcessEnv,
  metrics: ReturnType<typeof createMetrics>,
): Promise<readonly Source[]> {
  const validator = createResourceValidator()
  const sources: Source[] = []
  if (settings.configPaths.length > 0) {
    const onLoadError = (problem: SourceProblem) => {
      metrics.configLoadErrors.series({ source: 'files' }).increment()
      logger.error({ location: problem.location }, `${problem.location}: ${problem.reason}`)
    }
    sources.push(createFileSource({ paths: settings.configPaths, environment, validator, onLoadError }))
  }
  const { kubernetes } = settings
  if (kubernetes.isEnabled) {
    // The Kubernetes client alone is half of the memory of a process that serves files.
    const { createKubernetesSource } = await import('./config/kubernetes/kubernetes-source.ts')
    sources.push(
      createKubernetesSource({
        namespaces: kubernetes.namespaces,
        validate: (object) => validator.validate(object),
        logger,
        ...(kubernetes.kubeconfigPath === null ? {} : { kubeconfigPath: kubernetes.kubeconfigPath }),
        ...(kubernetes.context === null ? {} : { context: kubernetes.context }),
      }),
    )
  }
  return sources
}

function requireServed(served: Served | null): Served {
  if (served === null) throw new Error('no table was published')
  return served
}

function readAddress(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address
}
