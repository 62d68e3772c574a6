// What the benchmark compares: how each contender is started in front of the backend.
import { type SpawnedServer, spawnServer } from './spawn-server.ts'

export const contenderNames = ['direct', 'bare', 'sluice', 'http-proxy'] as const
export type ContenderName = (typeof contenderNames)[number]

export type Contender = Readonly<{
  name: ContenderName
  port: number
  /** Null for `direct`: there is no process between. */
  server: SpawnedServer | null
}>

export const contenderTexts: Readonly<Record<ContenderName, string>> = {
  direct: 'the backend itself',
  bare: 'bare Node http + undici dispatch relay',
  sluice: 'Sluice: key, limit, metrics, access log',
  'http-proxy': '@fastify/http-proxy, own undici agent',
}

/** Starts a contender; for `sluice` its own command line with loadtest/config. */
export async function startContender(
  name: ContenderName,
  backend: SpawnedServer,
  core: number | null,
): Promise<Contender> {
  switch (name) {
    case 'direct':
      return { name, port: backend.port, server: null }
    case 'bare':
      return fromServer(name, await spawnServer({ name, core, args: ['loadtest/bare-relay.ts', backend.url] }))
    case 'http-proxy':
      return fromServer(name, await spawnServer({ name, core, args: ['loadtest/fastify-http-proxy.ts', backend.url] }))
    case 'sluice':
      return fromServer(name, await startSluice('loadtest/config', backend.port, core))
  }
}

function fromServer(name: ContenderName, server: SpawnedServer): Contender {
  return { name, port: server.port, server }
}

/** `sluice serve` with the host `model-server.bench` resolved to the backend, its log written as JSON. */
export function startSluice(
  configPath: string,
  backendPort: number,
  core: number | null,
  { nodeFlags = [], flags = [] }: Readonly<{ nodeFlags?: readonly string[]; flags?: readonly string[] }> = {},
): Promise<SpawnedServer> {
  return spawnServer({
    name: 'sluice',
    core,
    nodeFlags,
    args: [
      ...['src/main.ts', 'serve', '--config', configPath, '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
      ...['--resolve', `model-server.bench=127.0.0.1:${backendPort}`, '--log-format', 'json'],
      ...flags,
    ],
    readPort: readListening,
  })
}

/** The data port, from the log line that says `serving`. */
function readListening(stdout: string): number | null {
  const port = /"listen":"127\.0\.0\.1:(\d+)"/.exec(stdout)?.[1]
  return port === undefined ? null : Number(port)
}

/** The admin port, from the same line. */
export function readAdminPort(stdout: string): number | null {
  const port = /"admin":"127\.0\.0\.1:(\d+)"/.exec(stdout)?.[1]
  return port === undefined ? null : Number(port)
}
