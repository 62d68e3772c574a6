// One program of the control plane: started with its output in a file and its pid in another (for the reaper), paused,
// killed. It knows nothing of Kubernetes.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export class ControlPlaneProcess {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #logPath: string
  readonly #exited: Promise<void>

  /** Starts `command`; `<name>.log` and `<name>.pid` appear in `folder`. */
  constructor(folder: string, command: string, args: readonly string[]) {
    this.#name = basename(command)
    this.#logPath = join(folder, `${this.#name}.log`)
    const log = openSync(this.#logPath, 'a')
    // The shell writes its own pid and becomes the program, so the reaper knows it even if we die right now.
    // Detached: Ctrl-C in a terminal must not reach it before us.
    const script = 'echo $$ > "$0" && exec "$@"'
    this.#child = spawn('sh', ['-c', script, join(folder, `${this.#name}.pid`), command, ...args], {
      stdio: ['ignore', log, log],
      detached: true,
    })
    closeSync(log)
    this.#child.unref()
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', () => resolve())
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Throws, with the end of its log, when it has ended by itself. */
  assertRunning(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined) return
    const tail = readFileSync(this.#logPath, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
    throw new Error(`${this.#name} ended (${this.#child.signalCode ?? this.#child.exitCode}):\n${tail}`)
  }

  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** SIGKILL, which a paused process obeys too; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    // The child is unreferenced: something must keep the event loop alive until its exit is seen.
    const keepAlive = setInterval(() => {}, 1000)
    await this.#exited
    clearInterval(keepAlive)
  }
}
