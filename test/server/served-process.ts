// `sluice serve` as a process of its own, from manifests in a folder of its own, with every byte it writes kept.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mainPath, startServe } from '../support/serve-process.ts'
import { withDeadline } from '../support/until.ts'

export { mainPath }

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

export async function serveProcess(manifests: string, flags: readonly string[] = []): Promise<ServedProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-serve-'))
  await writeFile(join(folder, 'manifests.yaml'), manifests)
  const { child, url, adminUrl, readOutput } = await startServe(['--config', folder, ...flags])
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal, atMs: performance.now() }))
  return {
    process: child,
    folder,
    url,
    port: Number(new URL(url).port),
    adminUrl,
    readOutput,
    exited,
    async stop() {
      child.kill('SIGKILL')
      await withDeadline(exited, 'the process ended')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
