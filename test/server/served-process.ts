// `sluice serve` as a process of its own, from manifests in a folder of its own, with every byte it writes kept.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until, withDeadline } from '../support/until.ts'

export type ServedProcess = Readonly<{
  process: ChildProcess
  folder: string
  url: string
  port: number
  adminUrl: string
  /** Everything on stdout and stderr so far. */
  readOutput(): string
  /** Exit code and signal, and when: performance.now(). */
  exited: Promise<Readonly<{ code: number | null; signal: NodeJS.Signals | null; atMs: number }>>
  /** SIGKILL if it still runs; removes the folder. */
  stop(): Promise<void>
}>

export const mainPath = join(import.meta.dirname, '../../src/main.ts')

export async function serveProcess(manifests: string, flags: readonly string[] = []): Promise<ServedProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-serve-'))
  await writeFile(join(folder, 'manifests.yaml'), manifests)
  const addresses = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--log-format', 'json']
  const child = spawn(process.execPath, [mainPath, 'serve', '--config', folder, ...addresses, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const parts: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => parts.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => parts.push(bytes))
  const readOutput = () => Buffer.concat(parts).toString('utf8')
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal, atMs: performance.now() }))
  const stop = async () => {
    child.kill('SIGKILL')
    await withDeadline(exited, 'the process ended')
    await rm(folder, { recursive: true, force: true })
  }
  const addressesOf = () => {
    const line = readOutput()
      .split('\n')
      .find((text) => text.includes('"msg":"serving"'))
    if (line === undefined && child.exitCode !== null) throw new Error(`it did not start: ${readOutput()}`)
    return line === undefined ? null : { listen: readField(line, 'listen'), admin: readField(line, 'admin') }
  }
  try {
    const { listen, admin } = await until(addressesOf, 'the process serves', 20_000)
    const port = Number(listen.slice(listen.lastIndexOf(':') + 1))
    return {
      process: child,
      folder,
      url: `http://${listen}`,
      port,
      adminUrl: `http://${admin}`,
      readOutput,
      exited,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function readField(line: string, name: string): string {
  const value: unknown = new Map(Object.entries(JSON.parse(line))).get(name)
  if (typeof value !== 'string') throw new Error(`no ${name} in ${line}`)
  return value
}
