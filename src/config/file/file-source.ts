// The Source that reads manifests from files and folders and follows their changes. Reacts to the kernel's hints at
// once and looks by itself every few seconds; what a file's change means is manifest-file.ts's and build-world.ts's.

import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { emptyResourceSet, type ResourceSet } from '../../api/resource-set.ts'
import { ConfigurationError, type Source, type SourceProblem } from '../source.ts'
import type { ResourceValidator } from '../validation/resource-validator.ts'
import { buildWorld, type World, type WorldFile } from './build-world.ts'
import { collectProblems, describeProblem } from './collect-problems.ts'
import { type CommitBatch, createCommitBatch } from './commit-batch.ts'
import { describeField } from './describe-problem.ts'
import { FolderWalker } from './folder-walker.ts'
import { interpretHint } from './interpret-hint.ts'
import { type FileWalk, listManifestFiles } from './list-manifest-files.ts'
import { ManifestFile } from './manifest-file.ts'
import { createFolderWatch } from './watch-folders.ts'

export type FileSourceOptions = Readonly<{
  /** Folders and files, relative to the working directory or absolute. */
  paths: readonly string[]
  /** Where `${NAME}` in a Secret's `stringData` is read from. */
  environment: NodeJS.ProcessEnv
  validator: ResourceValidator
  /** How long a half-written, empty or absent file must stay so before it counts. Default 50 ms. */
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

const readsAtStart = 32
/**
 * Changes seen together (a symlink swap) are handed on together. A cap for a disk that hangs, far above what reading
 * takes on a busy machine: one file of a swap without the other is a configuration nobody wrote.
 */
const maxCommitDelayMs = 1_000

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
  readonly #watch = createFolderWatch((realPath, name) => this.#onHint(realPath, name))
  readonly #walker: FolderWalker
  readonly #batch: CommitBatch
  #walk: FileWalk = { files: [], folders: [], links: new Map(), failures: [] }
  #lastHeardMs: number
  #onDirty: () => void = () => {}
  #isSynced = false
  #isStopped = false
  /** The files as of the last commit, in the order that decides doubles; null: not built into `#world` yet. */
  #committed: readonly WorldFile[] | null = []
  #world: World = { resources: emptyResourceSet, locations: new Map(), problems: [], known: new Map() }
  #problems: readonly SourceProblem[] = []

  constructor(options: FileSourceOptions) {
    this.#options = options
    this.#roots = [...new Set(options.paths.map((path) => resolve(path)))]
    this.#quietMs = options.quietMs ?? 50
    this.#pollMs = options.pollMs ?? 2_000
    this.#nowMs = options.nowMs ?? (() => performance.now())
    this.#lastHeardMs = this.#nowMs()
    this.#walker = new FolderWalker({
      roots: this.#roots,
      pollMs: this.#pollMs,
      nowMs: this.#nowMs,
      onWalk: (walk) => this.#applyWalk(walk),
      onStill: () => this.#batch.settle(),
    })
    this.#batch = createCommitBatch({
      isMoreComing: () => this.#reading.size > 0 || this.#walker.isAwaited(),
      commit: () => this.#commit(),
      maxDelayMs: maxCommitDelayMs,
      nowMs: this.#nowMs,
    })
  }

  async start(onDirty: () => void): Promise<void> {
    this.#walk = await listManifestFiles(this.#roots)
    if (this.#isStopped) return
    this.#watch.sync(this.#walk.folders)
    const found = this.#walk.files.map(({ path, rootIndex }) => this.#addFile(path, rootIndex))
    for (let at = 0; at < found.length; at += readsAtStart) {
      await Promise.all(found.slice(at, at + readsAtStart).map((file) => file.readFirst()))
    }
    if (this.#isStopped) return
    const fatal = collectProblems(this.#walk, new Map(), found)
    if (fatal.length > 0) {
      await this.stop()
      throw new ConfigurationError(fatal.map(describeProblem))
    }
    this.#isSynced = true
    this.#onDirty = onDirty
    this.#batch.flush()
    // What changed between the first walk and the first watch was seen by neither.
    this.#walker.request()
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
    this.#walker.stop()
    this.#batch.stop()
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
    // A file that came and went between two looks (an editor's) never was; one whose problem has been told of was.
    const wasNever = file.content === null && file.problems.length === 0 && !this.#isToldOf(file)
    if (isChanged && !wasNever) this.#batch.mark()
    this.#batch.settle()
  }

  #isToldOf({ shownPath }: ManifestFile): boolean {
    return this.#problems.some(({ location }) => location === shownPath || location.startsWith(`${shownPath}:`))
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
      this.#walker.request()
      return
    }
    this.#files.delete(file.path)
    if (file.content !== null || file.problems.length > 0) this.#batch.mark()
    this.#batch.settle()
  }

  #commit(): void {
    const files = [...this.#files.values()].sort(
      (a, b) => a.rootIndex - b.rootIndex || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
    )
    this.#committed = files.flatMap(({ shownPath, content }) => (content === null ? [] : [{ shownPath, content }]))
    const before = new Set(this.#problems.map(describeProblem))
    this.#problems = collectProblems(this.#walk, this.#watch.readFailures(), files)
    for (const problem of this.#problems) {
      if (!before.has(describeProblem(problem))) this.#options.onLoadError?.(problem)
    }
    this.#onDirty()
  }

  /** True: walk again. */
  #applyWalk(walk: FileWalk): boolean {
    this.#lastHeardMs = this.#nowMs()
    const before = this.#walk
    this.#walk = walk
    this.#watch.sync(walk.folders)
    const found = new Set<string>()
    for (const { path, rootIndex, stamp } of walk.files) {
      found.add(path)
      if (this.#files.get(path)?.isCurrent(stamp) !== true) this.#requestRead(path, rootIndex)
    }
    for (const file of this.#files.values()) {
      if (found.has(file.path) || walk.failures.some(({ path }) => isBelow(file.path, path))) continue
      this.#requestRead(file.path, file.rootIndex)
    }
    if (JSON.stringify(before.failures) !== JSON.stringify(walk.failures)) {
      this.#batch.mark()
      this.#batch.settle()
    }
    // A folder that is new may have got its files before its watch.
    const known = new Set(before.folders.map(({ realPath, identity }) => `${identity} ${realPath}`))
    return walk.folders.some(({ realPath, identity }) => !known.has(`${identity} ${realPath}`))
  }

  #onHint(realPath: string, name: string | null): void {
    if (this.#isStopped) return
    this.#lastHeardMs = this.#nowMs()
    const meaning = interpretHint(this.#walk, (path) => this.#files.has(path), realPath, name)
    for (const { path, rootIndex } of meaning.files) this.#requestRead(path, rootIndex)
    if (meaning.isWalkNeeded) this.#walker.request()
    for (const path of meaning.maybeFolders) void this.#walkIfFolder(path)
  }

  async #walkIfFolder(path: string): Promise<void> {
    const isFolder = await stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    )
    if (isFolder) this.#walker.request()
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
