// A gateway in this process, from manifests in a folder of its own, with its log in memory. Real sockets, port 0.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createGateway, type Gateway } from '../../src/gateway.ts'
import { defaultHttpLimits, defaultUpstreamLimits, type ServeSettings } from '../../src/settings.ts'

export type TestGateway = Readonly<{
  gateway: Gateway
  /** `http://127.0.0.1:port` of the data port. */
  url: string
  port: number
  adminUrl: string
  /** Log lines, parsed. */
  log: readonly Record<string, unknown>[]
  /** Everything that was logged, as text. */
  readLogText(): string
  folder: string
  /** Writes a manifest file (whole, by rename) and waits until the table that has it is served. */
  writeManifest(name: string, yaml: string): Promise<void>
  readGeneration(): Promise<number>
  readMetrics(): Promise<string>
  stop(): Promise<void>
}>

export type TestGatewayOptions = Readonly<{ manifests: string; settings?: Partial<ServeSettings>; logLevel?: string }>

export const testSettings: ServeSettings = {
  listen: { host: '127.0.0.1', port: 0 },
  admin: { host: '127.0.0.1', port: 0 },
  configPaths: [],
  kubernetes: { isEnabled: false, namespaces: [], kubeconfigPath: null, context: null },
  simulate: false,
  resolve: [],
  allowUpstream: [],
  denyUpstream: [],
  trustedProxies: [],
  drainTimeoutMs: 2_000,
  drainDelayMs: 0,
  bodyLimitBytes: 1024 * 1024,
  redis: null,
  limitLeaseMs: 30_000,
  http: defaultHttpLimits,
  upstream: defaultUpstreamLimits,
  log: { level: 'info', format: 'json' },
}

export async function startGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  await writeFile(join(folder, 'manifests.yaml'), options.manifests)
  const log: Record<string, unknown>[] = []
  const lines: string[] = []
  const write = (line: string) => {
    lines.push(line)
    const parsed: unknown = JSON.parse(line)
    if (typeof parsed === 'object' && parsed !== null) log.push({ ...parsed })
  }
  const logger = pino({ level: options.logLevel ?? 'info', base: null }, { write })
  const settings: ServeSettings = { ...testSettings, configPaths: [folder], ...options.settings }
  const gateway = await createGateway(settings, logger, process.env)
  const { data, admin } = await gateway.start()
  const adminUrl = `http://127.0.0.1:${admin.port}`
  const readConfig = async (): Promise<{ generation: number }> => {
    const answer: unknown = await (await fetch(`${adminUrl}/config`)).json()
    if (typeof answer !== 'object' || answer === null || !('generation' in answer)) throw new Error('no generation')
    return { generation: Number(answer.generation) }
  }
  const readGeneration = async () => (await readConfig()).generation
  return {
    gateway,
    url: `http://127.0.0.1:${data.port}`,
    port: data.port,
    adminUrl,
    log,
    readLogText: () => lines.join(''),
    folder,
    async writeManifest(name, yaml) {
      const before = await readGeneration()
      const temporary = join(folder, `.${name}.tmp`)
      await writeFile(temporary, yaml)
      await rename(temporary, join(folder, name))
      const endsAt = Date.now() + 5_000
      while ((await readGeneration()) === before) {
        if (Date.now() > endsAt) throw new Error(`${name} made no new table within 5 s`)
      }
    },
    readGeneration,
    readMetrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
    async stop() {
      await gateway.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The key that `gatewayManifests` asks for. */
export const testKey = 'sk-test-canary-4f2a91'

/**
 * A model `m1` whose one target is `endpoint`, a plain service under `/svc`, a key. Extra YAML documents may follow.
 */
export function gatewayManifests(endpoint: string, extra = ''): string {
  return `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { key: ${testKey} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec:
  apiKeys: [{ consumer: tester, secretRef: { name: keys, key: key } }]
---
apiVersion: v1
kind: Secret
metadata: { name: upstream }
stringData: { token: upstream-canary-77b1 }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: m1 }
spec:
  modelName: m1
  modelProvider: Custom
  modelType: LLM
  endpoint: ${endpoint}/v1
  credentials: { type: APIKey, secretRef: { name: upstream, key: token } }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: svc }
spec:
  path: /svc
  targetService: ${endpoint}
${extra === '' ? '' : `---\n${extra}`}`
}
