// Real redis-server processes of a test's own, on free ports, with nothing kept on disk.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { findFreePorts } from '../cluster/free-ports.ts'
import { until } from '../until.ts'

/**
 * Why there is no Redis here, or null. With CI=true that is an error: .ci/run installs Debian's package. Use:
 * `describe.skipIf(redisMissing !== null)`.
 */
export const redisMissing: string | null = findMissing()

export type RedisServer = Readonly<{
  port: number
  url: string
  child: ChildProcess
  folder: string
  /** Sends one command of an administrator's. */
  run(...command: string[]): Promise<unknown>
  pause(): void
  resume(): void
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Another process on the same port, in the same folder. */
  restart(...more: string[]): Promise<RedisServer>
  stop(): Promise<void>
}>

export type RedisServerOptions = Readonly<{
  /** Behind the ones that every server gets: `--maxmemory`, `5mb`. */
  args?: readonly string[]
  /** Words before the program: `faketime`, `-f`, `+30s`. */
  wrapper?: readonly string[]
  port?: number
  folder?: string
  /** For `run`, where the server wants one. */
  password?: string
  /** Resolve without an answer: it is still loading, or takes TLS alone. */
  isSilent?: boolean
  sentinel?: boolean
}>

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sluice-redis-'))
  const port = options.port ?? (await findFreePorts())[0]
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const plain = ['--save', '', '--appendonly', 'no', '--protected-mode', 'no']
  const named = [...dyingWithUs, ...(options.wrapper ?? []), options.sentinel ? 'redis-sentinel' : 'redis-server']
  const own = options.sentinel ? [] : [...args, ...plain]
  const [program = '', ...all] = [...named, ...own, ...(options.args ?? [])]
  const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  void exited.then(() => process.off('exit', killAtExit))

  const run = async (...command: string[]): Promise<unknown> => {
    const [name = '', ...rest] = command
    const client = new Redis({
      port,
      host: '127.0.0.1',
      retryStrategy: null,
      ...(options.password === undefined ? {} : { password: options.password }),
    })
    client.on('error', () => {})
    try {
      return await client.call(name, ...rest)
    } finally {
      client.disconnect()
    }
  }
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const isAnswering = async () => {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}:\n${output}`)
    return (await run('PING').catch(() => null)) === 'PONG'
  }
  if (options.isSilent)
    await until(() => output.includes('eady to accept') || output.includes('monitor'), 'Redis is up')
  else await until(isAnswering, 'Redis answers', 10_000)
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    child,
    folder,
    run,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    kill,
    restart: (...more) => startRedis({ ...options, args: [...(options.args ?? []), ...more], port, folder }),
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A test worker that is killed runs no exit handlers; util-linux, which every Debian has, knows how to be told. */
const dyingWithUs =
  spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0 ? ['setpriv', '--pdeathsig', 'KILL'] : []

function findMissing(): string | null {
  const lacking = ['redis-server', 'redis-sentinel'].filter((name) => spawnSync(name, ['--version']).status !== 0)
  if (lacking.length === 0) return null
  const reason = `no ${lacking.join(' and ')} in PATH`
  if (process.env.CI === 'true') throw new Error(`${reason}: install redis-server and redis-sentinel`)
  process.stdout.write(`skipped: ${reason}\n`)
  return reason
}
