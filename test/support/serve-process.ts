// `sluice serve` as a real process, as a user runs it: the command line, the log, the signals.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

export type ServeProcess = Readonly<{
  child: ChildProcess
  url: string
  adminUrl: string
  /** Parsed JSON lines so far. */
  readLog(): readonly Record<string, unknown>[]
  readOutput(): string
  /** Sends a signal and waits for the end; the exit code, or the signal's name. */
  end(signal?: NodeJS.Signals): Promise<number | string>
}>

const projectFolder = fileURLToPath(new URL('../..', import.meta.url))
export const mainPath = join(projectFolder, 'src/main.ts')

/** `args` after `serve`; the ports are free ones. Rejects with what was printed when it does not come up. */
export async function startServe(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServeProcess> {
  const ports = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--log-format', 'json']
  const child = spawn(process.execPath, [mainPath, 'serve', ...args, ...ports], {
    cwd: projectFolder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  const readLog = () =>
    output.split('\n').flatMap((line) => {
      if (!line.startsWith('{') || !line.endsWith('}')) return []
      const parsed: unknown = JSON.parse(line)
      return typeof parsed === 'object' && parsed !== null ? [{ ...parsed }] : []
    })
  const readServing = () => {
    if (child.exitCode !== null) throw new Error(`sluice serve ended with ${child.exitCode}:\n${output}`)
    return readLog().find((line) => 'msg' in line && line.msg === 'serving')
  }
  const serving: Record<string, unknown> = await until(readServing, 'sluice serve is up', 30_000)
  return {
    child,
    url: `http://${String(serving.listen)}`,
    adminUrl: `http://${String(serving.admin)}`,
    readLog,
    readOutput: () => output,
    async end(signal = 'SIGKILL') {
      child.kill(signal)
      return exited
    },
  }
}
