// The Source that reads manifests from files and folders and follows their changes. Reacts to the kernel's hints at
// once and looks by itself every few seconds; what a file's change means is manifest-file.ts's and build-world.ts's.

import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { emptyResourceSet, type ResourceSet } from '../../api/resource-set.ts'
import { ConfigurationError, type Source, type SourceProblem } from '../source.ts'
import type { ResourceValidator } from '../validation/resource-validator.ts'
import { buildWorld, type World, type WorldFile } from './build-world.ts'
import { describeField, describePath } from './describe-problem.ts'
import { type FileWalk, isManifestName, listManifestFiles } from './list-manifest-files.ts'
import { ManifestFile } from './manifest-file.ts'
import { createFolderWatch } from './watch-folders.ts'

export type FileSourceOptions = Readonly<{
  /** Folders and files, relative to the working directory or absolute. */
  paths: readonly string[]
  /** Where `${NAME}` in a Secret's `stringData` is read from. */
  environment: NodeJS.ProcessEnv
  validator: ResourceValidator
  /** How long a half-written, empty or absent file must stay so before it counts. Default 100 ms. */
  quietMs?: number
  /** Between two looks at all files, as a safety net where the kernel gives no hints; more when looking takes long. Default 2,000 ms. */
  pollMs?: number
  /** Once for each file that can't be used after a change: counts `config_load_error`s. */
  onLoadError?: (problem: SourceProblem) => void
  /** Milliseconds that never go back. */
  nowMs?: () => number
}>

export interface FileSource extends Source {
  /** `file:line` of the object with this key (`AIModel/default/gemma`), for messages; null when no file has it. */
  locate(objectKey: string): string | null
  /** Objects read that are of no kind of ours. */
  countForeignObjects(): number
}

/** Looking around may take this part of the time at most. */
const pollShare = 1 / 50
const readsAtStart = 32
/** Changes seen together are handed on together, if they come within this time. */
const maxCommitDelayMs = 50

/** Watches nothing before `start`. Errors of `start`: ConfigurationError, a line per culprit. */
export function createFileSource(options: FileSourceOptions): FileSource {
  return new FileSourceState(options)
}

class FileSourceState implements FileSource {
  readonly name = 'files'
  readonly #options: FileSourceOptions
  readonly #roots: readonly string[]
  readonly #quietMs: number
  readonly #pollMs: number
  readonly #nowMs: () => number
  readonly #files = new Map<string, ManifestFile>()
  readonly #reading = new Set<ManifestFile>()
  readonly #watch = createFolderWatch((realPath, name) => this.#onFolderChange(realPath, name))
  #walk: FileWalk = { files: [], folders: [], links: new Map(), failures: [] }
  #isWalking = false
  #isWalkWanted = false
  #pollTimer: NodeJS.Timeout | null = null
  #lastHeardMs: number
  #onDirty: () => void = () => {}
  #isSynced = false
  #isStopped = false
  #uncommittedSinceMs: number | null = null
  /** The files as of the last commit, in the order that decides doubles; null: not built into `#world` yet. */
  #committed: readonly WorldFile[] | null = []
  #world: World = { resources: emptyResourceSet, locations: new Map(), problems: [], known: new Map() }
  #problems: readonly SourceProblem[] = []

  constructor(options: FileSourceOptions) {
    this.#options = options
    this.#roots = [...new Set(options.paths.map((path) => resolve(path)))]
    this.#quietMs = options.quietMs ?? 100
    this.#pollMs = options.pollMs ?? 2_000
    this.#nowMs = options.nowMs ?? (() => performance.now())
    this.#lastHeardMs = this.#nowMs()
  }

  async start(onDirty: () => void): Promise<void> {
    this.#walk = await listManifestFiles(this.#roots)
    this.#watch.sync(this.#walk.folders)
    const found = this.#walk.files.map(({ path, rootIndex }) => this.#addFile(path, rootIndex))
    for (let at = 0; at < found.length; at += readsAtStart) {
      await Promise.all(found.slice(at, at + readsAtStart).map((file) => file.readFirst()))
    }
    const fatal = [...this.#describeWalkFailures(), ...found.flatMap((file) => file.problems)]
    if (fatal.length > 0) {
      await this.stop()
      throw new ConfigurationError(fatal.map(describeProblem))
    }
    this.#isSynced = true
    this.#onDirty = onDirty
    this.#commit()
    // What changed between the first walk and the first watch was seen by neither.
    this.#requestWalk()
  }

  isSynced(): boolean {
    return this.#isSynced
  }

  read(): ResourceSet {
    return this.#readWorld().resources
  }

  readProblems(): readonly SourceProblem[] {
    const ofNoObject = this.#readWorld().problems.filter(({ key }) => key === null)
    return [
      ...this.#problems,
      ...ofNoObject.map((problem) => ({
        location: `${problem.shownPath}:${problem.line}`,
        reason: describeField(problem),
      })),
    ]
  }

  readLastEventAges(): ReadonlyMap<string, number> {
    return new Map([['files', Math.max(0, this.#nowMs() - this.#lastHeardMs)]])
  }

  locate(objectKey: string): string | null {
    return this.#readWorld().locations.get(objectKey) ?? null
  }

  countForeignObjects(): number {
    return [...this.#files.values()].reduce((count, { content }) => count + (content?.foreignCount ?? 0), 0)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#onDirty = () => {}
    this.#watch.stop()
    if (this.#pollTimer !== null) clearTimeout(this.#pollTimer)
    await Promise.all([...this.#files.values()].map((file) => file.stop()))
  }

  #readWorld(): World {
    if (this.#committed !== null) {
      this.#world = buildWorld(this.#committed, this.#world)
      this.#committed = null
    }
    return this.#world
  }

  #addFile(path: string, rootIndex: number): ManifestFile {
    const file = new ManifestFile({
      path,
      rootIndex,
      isRoot: this.#roots.includes(path),
      check: this.#options,
      quietMs: this.#quietMs,
      onSettled: (settled, isChanged) => this.#onSettled(settled, isChanged),
    })
    this.#files.set(path, file)
    return file
  }

  #requestRead(path: string, rootIndex: number): void {
    const file = this.#files.get(path) ?? this.#addFile(path, rootIndex)
    this.#reading.add(file)
    file.requestRead()
  }

  #onSettled(file: ManifestFile, isChanged: boolean): void {
    this.#reading.delete(file)
    if (!this.#isSynced || this.#isStopped) return
    if (file.isGone) void this.#forget(file)
    // A file that came and went between two looks (an editor's) never was.
    const wasNever = file.content === null && file.problems.length === 0
    if (isChanged && !wasNever) {
      this.#uncommittedSinceMs ??= this.#nowMs()
    }
    this.#commitIfDue()
  }

  /** A file that is gone takes its objects along, unless the whole configured folder is: that is an outage. */
  async #forget(file: ManifestFile): Promise<void> {
    const root = this.#roots[file.rootIndex]
    if (root === undefined || root === file.path) return
    const isRootThere = await stat(root).then(
      () => true,
      () => false,
    )
    if (this.#isStopped || !file.isGone) return
    if (!isRootThere) {
      this.#requestWalk()
      return
    }
    this.#files.delete(file.path)
    if (file.content !== null || file.problems.length > 0) this.#uncommittedSinceMs ??= this.#nowMs()
    this.#commitIfDue()
  }

  /** Files that changed together (a symlink swap) become visible together. */
  #commitIfDue(): void {
    if (this.#uncommittedSinceMs === null) return
    if (this.#reading.size > 0 && this.#nowMs() - this.#uncommittedSinceMs < maxCommitDelayMs) return
    this.#commit()
  }

  #commit(): void {
    this.#uncommittedSinceMs = null
    const files = [...this.#files.values()].sort(
      (a, b) => a.rootIndex - b.rootIndex || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
    )
    this.#committed = files.flatMap(({ shownPath, content }) => (content === null ? [] : [{ shownPath, content }]))
    const before = new Set(this.#problems.map(describeProblem))
    this.#problems = this.#collectProblems(files)
    for (const problem of this.#problems) {
      if (!before.has(describeProblem(problem))) this.#options.onLoadError?.(problem)
    }
    this.#onDirty()
  }

  #collectProblems(files: readonly ManifestFile[]): readonly SourceProblem[] {
    const failures = this.#describeWalkFailures()
    const unreachable = new Set(failures.map(({ location }) => location))
    return [
      ...failures,
      ...[...this.#watch.readFailures()].map(([realPath, code]) => ({
        location: describePath(realPath),
        reason: `can not be watched (${code}): changes are seen every ${this.#pollMs} ms only`,
      })),
      // A configured file that is gone is known from the walk too.
      ...files.flatMap(({ problems }) => problems).filter(({ location }) => !unreachable.has(location)),
    ]
  }

  #describeWalkFailures(): readonly SourceProblem[] {
    return this.#walk.failures.map(({ path, reason }) => ({ location: describePath(path), reason }))
  }

  #requestWalk(): void {
    if (this.#isStopped) return
    this.#isWalkWanted = true
    if (this.#isWalking) return
    this.#isWalking = true
    if (this.#pollTimer !== null) clearTimeout(this.#pollTimer)
    void this.#walkUntilStill()
  }

  async #walkUntilStill(): Promise<void> {
    const startedMs = this.#nowMs()
    while (this.#isWalkWanted && !this.#isStopped) {
      this.#isWalkWanted = false
      const walk = await listManifestFiles(this.#roots)
      if (this.#isStopped) return
      this.#applyWalk(walk)
    }
    this.#isWalking = false
    this.#lastHeardMs = this.#nowMs()
    const tookMs = this.#lastHeardMs - startedMs
    this.#pollTimer = setTimeout(() => this.#requestWalk(), Math.max(this.#pollMs, tookMs / pollShare))
    this.#pollTimer.unref()
  }

  #applyWalk(walk: FileWalk): void {
    const before = this.#walk
    this.#walk = walk
    this.#watch.sync(walk.folders)
    // A folder that is new may have got its files before its watch.
    const known = new Set(before.folders.map(({ realPath, identity }) => `${identity} ${realPath}`))
    if (walk.folders.some(({ realPath, identity }) => !known.has(`${identity} ${realPath}`))) this.#isWalkWanted = true
    const found = new Set<string>()
    for (const { path, rootIndex, stamp } of walk.files) {
      found.add(path)
      if (this.#files.get(path)?.isCurrent(stamp) !== true) this.#requestRead(path, rootIndex)
    }
    for (const file of this.#files.values()) {
      if (found.has(file.path) || walk.failures.some(({ path }) => isBelow(file.path, path))) continue
      this.#requestRead(file.path, file.rootIndex)
    }
    if (JSON.stringify(before.failures) === JSON.stringify(walk.failures)) return
    this.#uncommittedSinceMs ??= this.#nowMs()
    this.#commitIfDue()
  }

  #onFolderChange(realPath: string, name: string | null): void {
    if (this.#isStopped) return
    this.#lastHeardMs = this.#nowMs()
    if (name === null) {
      this.#requestWalk()
      return
    }
    for (const path of this.#walk.links.get(join(realPath, name)) ?? []) this.#onEntryChange(path)
    for (const folder of this.#walk.folders) {
      if (folder.realPath !== realPath) continue
      const path = join(folder.path, name)
      if (this.#files.has(path) || (folder.isListed && isManifestName(name))) {
        this.#requestRead(path, this.#files.get(path)?.rootIndex ?? folder.rootIndex)
      } else if (name.startsWith('..') || name === basename(folder.path)) this.#requestWalk()
      else if (folder.isListed && !name.startsWith('.')) void this.#walkIfFolder(path)
    }
  }

  #onEntryChange(path: string): void {
    const file = this.#files.get(path)
    if (file !== undefined) this.#requestRead(path, file.rootIndex)
  }

  async #walkIfFolder(path: string): Promise<void> {
    const wasFolder = this.#walk.folders.some((folder) => folder.path === path || dirname(folder.path) === path)
    const isFolder = await stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    )
    if (wasFolder || isFolder) this.#requestWalk()
  }
}

function describeProblem({ location, reason }: SourceProblem): string {
  return `${location}: ${reason}`
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
