// Starts a server of the load tests as a process of its own, on a core where one is given, and reads its use of it.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isObject } from './json.ts'

export type ProcessUsage = Readonly<{
  /** User and system time of the whole process so far. */
  cpuMicros: number
  rssBytes: number
  /** JavaScript's heap and the buffers beside it. */
  heapBytes: number
  /** Names of what keeps the event loop alive: Timeout, TCPSocketWrap … */
  activeResources: readonly string[]
}>

export type SpawnedServer = Readonly<{
  name: string
  pid: number
  /** `http://127.0.0.1:PORT`. */
  url: string
  port: number
  readUsage(): Promise<ProcessUsage>
  /** After a full collection, where the server runs with --expose-gc. */
  readCollectedUsage(): Promise<ProcessUsage>
  /** SIGTERM; resolves with the exit code, or null after a signal. */
  terminate(): Promise<number | null>
  /** What it printed on stdout until it listened. */
  startText: string
  /** Lines of its log since then that tell of an error of a request, but for clients that left; the first few. */
  readTroubles(): readonly string[]
  /** False once the process has exited by itself. */
  isAlive(): boolean
  stop(): Promise<void>
}>

export type SpawnOptions = Readonly<{
  name: string
  /** Script and arguments for Node, from the project's folder. */
  args: readonly string[]
  nodeFlags?: readonly string[]
  /** Null: wherever the system likes. */
  core: number | null
  /** Reads the port out of what the server printed on stdout; null while it is not there yet. */
  readPort?: (stdout: string) => number | null
  env?: Readonly<Record<string, string>>
}>

const startDeadlineMs = 30_000
const projectFolder = fileURLToPath(new URL('..', import.meta.url))

/** Rejects with what the server said when it does not come up. */
export async function spawnServer(options: SpawnOptions): Promise<SpawnedServer> {
  const node = [
    process.execPath,
    '--import',
    './loadtest/usage-probe.ts',
    ...(options.nodeFlags ?? []),
    ...options.args,
  ]
  const [command = '', ...args] = options.core === null ? node : ['taskset', '-c', String(options.core), ...node]
  const child = spawn(command, args, {
    cwd: projectFolder,
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const troubles: string[] = []
  const { port, startText } = await readReady(child, options)
  if (child.pid === undefined) throw new Error(`${options.name} has no process id`)
  child.stdout?.on('data', (bytes: Buffer) => {
    if (troubles.length >= 20 || !bytes.includes('"code":"')) return
    troubles.push(
      ...bytes
        .toString()
        .split('\n')
        .filter((line) => line.includes('"code":"') && !line.includes('client_closed')),
    )
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    name: options.name,
    pid: child.pid,
    url: `http://127.0.0.1:${port}`,
    port,
    startText,
    readTroubles: () => troubles.slice(0, 20),
    readUsage: () => readUsage(child, options.name, 'usage'),
    readCollectedUsage: () => readUsage(child, options.name, 'collected-usage'),
    terminate: async () => {
      child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await exited
    },
  }
}

function readReady(child: ChildProcess, options: SpawnOptions): Promise<{ port: number; startText: string }> {
  const readPort = options.readPort ?? readReadyLine
  return new Promise((resolve, reject) => {
    let stdout = ''
    let stderr = ''
    const fail = (why: string) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new Error(`${options.name} ${why}\n${stderr.slice(-2000)}${stdout.slice(-2000)}`.trim()))
    }
    const timer = setTimeout(() => fail(`did not listen within ${startDeadlineMs / 1000} s`), startDeadlineMs)
    let isReady = false
    child.stdout?.on('data', (bytes: Buffer) => {
      // Read on, so that the pipe never fills; a log after the start is not ours to keep.
      if (isReady) return
      stdout += bytes.toString()
      const port = readPort(stdout)
      if (port === null) return
      isReady = true
      clearTimeout(timer)
      resolve({ port, startText: stdout })
    })
    child.stderr?.on('data', (bytes: Buffer) => {
      if (stderr.length < 10_000) stderr += bytes.toString()
    })
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`))
  })
}

function readReadyLine(stdout: string): number | null {
  const end = stdout.indexOf('\n')
  if (end < 0) return null
  const line: unknown = JSON.parse(stdout.slice(0, end))
  return isObject(line) && typeof line.port === 'number' ? line.port : null
}

function readUsage(child: ChildProcess, name: string, question: string): Promise<ProcessUsage> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: unknown) => {
      if (!isObject(message)) return reject(new Error(`${name} answered no usage`))
      const { cpuMicros, rssBytes, heapBytes, activeResources } = message
      if (typeof cpuMicros !== 'number' || typeof rssBytes !== 'number' || typeof heapBytes !== 'number') {
        return reject(new Error(`${name}: odd usage`))
      }
      const names = Array.isArray(activeResources) ? activeResources.map(String) : []
      resolve({ cpuMicros, rssBytes, heapBytes, activeResources: names })
    })
    child.send(question, (error) => {
      if (error !== null) reject(new Error(`${name} is gone: ${error.message}`))
    })
  })
}
