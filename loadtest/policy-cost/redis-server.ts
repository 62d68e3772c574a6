// A Redis of the benchmark's own: on a free port of loopback, without files, gone with the benchmark.
import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:net'

export type RedisServer = Readonly<{ url: string; version: string; stop(): Promise<void> }>

const startDeadlineMs = 10_000

/** Null where there is no `redis-server` on the PATH. It runs where this process does, on the load's core. */
export async function startRedisServer(): Promise<RedisServer | null> {
  const version = readVersion()
  if (version === null) return null
  const port = await findFreePort()
  const place = ['--port', String(port), '--bind', '127.0.0.1']
  const child = spawn('redis-server', [...place, '--save', '', '--appendonly', 'no', '--daemonize', 'no'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error('redis-server was not ready in time'))
    }, startDeadlineMs)
    let output = ''
    child.stdout.on('data', (bytes: Buffer) => {
      if (output.length < 10_000) output += bytes.toString()
      if (!/Ready to accept connections/.test(output)) return
      clearTimeout(timer)
      resolve()
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`redis-server ended with ${code}\n${output.slice(-500)}`))
    })
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    version,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

function readVersion(): string | null {
  try {
    return /v=([0-9.]+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown'
  } catch {
    return null
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1' }, resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
