// A throwaway folder with a FileSource on it: real files, the real validator. Remembers every world it showed.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { vi } from 'vitest'
import type { ResourceSet } from '../../../src/api/resource-set.ts'
import { createFileSource, type FileSource } from '../../../src/config/file/file-source.ts'
import type { SourceProblem } from '../../../src/config/source.ts'
import { createResourceValidator } from '../../../src/config/validation/resource-validator.ts'

export const validator = createResourceValidator()

export type WatchedFolder = Readonly<{
  path: string
  source: FileSource
  /** What `read` returned at each `onDirty`. */
  worlds: readonly ResourceSet[]
  loadErrors: readonly SourceProblem[]
  write(name: string, text: string): Promise<void>
  names(): readonly string[]
  remove(): Promise<void>
}>

/** Files by relative name. Nothing is started: `source.start` is the test's, or `openFolder`'s. */
export async function createFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Readonly<{
    paths?: readonly string[]
    environment?: NodeJS.ProcessEnv
    quietMs?: number
    pollMs?: number
  }> = {},
): Promise<WatchedFolder & { start(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-files-'))
  const write = async (name: string, text: string | Uint8Array) => {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), text)
  }
  for (const [name, text] of Object.entries(files)) await write(name, text)
  const worlds: ResourceSet[] = []
  const loadErrors: SourceProblem[] = []
  const source = createFileSource({
    validator,
    environment: {},
    quietMs: 60,
    pollMs: 600_000,
    ...options,
    paths: (options.paths ?? ['.']).map((relative) => join(path, relative)),
    onLoadError: (problem) => void loadErrors.push(problem),
  })
  return {
    path,
    source,
    worlds,
    loadErrors,
    write,
    names: () => listNames(source.read()),
    start: () => source.start(() => void worlds.push(source.read())),
    async remove() {
      await source.stop()
      await rm(path, { recursive: true, force: true })
    },
  }
}

/** The same, started. */
export async function openFolder(...args: Parameters<typeof createFolder>): Promise<WatchedFolder> {
  const folder = await createFolder(...args)
  await folder.start()
  return folder
}

/** Names of all accepted objects, in order of kinds and files. */
export function listNames(resources: ResourceSet): readonly string[] {
  const { rejected: _rejected, ...accepted } = resources
  return Object.values(accepted).flatMap((list) => list.map(({ metadata }) => metadata.name))
}

/** Waits until `check` no longer throws. */
export function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000, interval: 2 })
}

export function routeText(name: string, path = `/v1/${name}`, extra = ''): string {
  return `apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata:
  name: ${name}
spec:
  path: ${path}
  targetService: ${name}.default.svc
${extra}`
}

export function joinDocuments(...documents: readonly string[]): string {
  return documents.join('---\n')
}
