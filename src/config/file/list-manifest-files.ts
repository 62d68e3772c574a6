// Walks the configured paths: which manifest files there are and which folders to watch for them. Reads no file.
import type { BigIntStats, Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describeFileError, readErrorCode } from './describe-problem.ts'

export type FoundFile = Readonly<{
  /** Absolute, as reached from the configured path (symlinks not resolved). */
  path: string
  /** Position of its configured path: the order in which doubles are decided. */
  rootIndex: number
  stamp: string
}>

export type WalkedFolder = Readonly<{
  path: string
  realPath: string
  /** Changes when the folder was replaced by another of the same path. */
  identity: string
  /** False for the folder of one configured file: its other files are not ours. */
  isListed: boolean
  rootIndex: number
}>

export type FileWalk = Readonly<{
  files: readonly FoundFile[]
  folders: readonly WalkedFolder[]
  /** Files behind symlinks: real path → paths as reached. */
  links: ReadonlyMap<string, readonly string[]>
  /** What could not be walked: files below it are neither there nor gone. */
  failures: readonly Readonly<{ path: string; reason: string }>[]
}>

const maxFolderDepth = 16
/** `fs.stat` calls at a time: Node's pool has four threads for them, which requests' DNS lookups share. */
const batchSize = 64

/** Whether a folder's entry is a manifest by its name: `.yaml`, `.yml` or `.json`, not hidden. */
export function isManifestName(name: string): boolean {
  return !name.startsWith('.') && /\.(?:ya?ml|json)$/i.test(name)
}

/** Two equal stamps: most likely the same bytes. Inode and change time see replaced files of the same age and size. */
export function renderStamp({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`
}

/**
 * Every manifest file below the paths (absolute; folders with their subfolders, single files). Entries that begin with
 * a dot are skipped: those of ConfigMap volumes are reached through the visible symlinks. Never rejects.
 */
export async function listManifestFiles(roots: readonly string[]): Promise<FileWalk> {
  const walk = new Walk()
  for (const [rootIndex, root] of roots.entries()) await walk.visitRoot(root, rootIndex)
  return walk
}

class Walk implements FileWalk {
  readonly files: FoundFile[] = []
  readonly folders: WalkedFolder[] = []
  readonly links = new Map<string, string[]>()
  readonly failures: { path: string; reason: string }[] = []
  readonly #seenFiles = new Set<string>()
  readonly #linkFolders = new Set<string>()

  async visitRoot(path: string, rootIndex: number): Promise<void> {
    try {
      const stats = await stat(path, { bigint: true })
      if (stats.isDirectory()) {
        await this.#visitFolder(path, rootIndex, new Set())
        return
      }
      await this.#addFolder(dirname(path), rootIndex, false)
      await this.#addFile(path, rootIndex, stats, true)
    } catch (error) {
      this.failures.push({ path, reason: describeFileError(error) })
    }
  }

  async #visitFolder(path: string, rootIndex: number, above: ReadonlySet<string>): Promise<void> {
    let entries: readonly Dirent[]
    let realPath: string
    try {
      realPath = await this.#addFolder(path, rootIndex, true)
      if (above.has(realPath) || above.size >= maxFolderDepth) return
      entries = await readdir(path, { withFileTypes: true })
    } catch (error) {
      if (readErrorCode(error) !== 'ENOENT' || above.size === 0) {
        this.failures.push({ path, reason: describeFileError(error) })
      }
      return
    }
    const inside = new Set([...above, realPath])
    const visible = entries.filter((entry) => isRelevant(entry)).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (let at = 0; at < visible.length; at += batchSize) {
      const batch = visible.slice(at, at + batchSize)
      const stats = await Promise.all(batch.map((entry) => statEntry(entry, join(path, entry.name))))
      for (const [index, entry] of batch.entries()) {
        const found = stats[index]
        const entryPath = join(path, entry.name)
        if (found === undefined || found === null) continue
        if (found instanceof Error) this.failures.push({ path: entryPath, reason: describeFileError(found) })
        else if (found === 'folder' || found.isDirectory()) await this.#visitFolder(entryPath, rootIndex, inside)
        else if (isManifestName(entry.name)) await this.#addFile(entryPath, rootIndex, found, entry.isSymbolicLink())
      }
    }
  }

  async #addFolder(path: string, rootIndex: number, isListed: boolean): Promise<string> {
    const [realPath, stats] = await Promise.all([realpath(path), stat(path, { bigint: true })])
    this.folders.push({ path, realPath, identity: `${stats.dev}:${stats.ino}`, isListed, rootIndex })
    return realPath
  }

  async #addFile(path: string, rootIndex: number, stats: BigIntStats, maybeLink: boolean): Promise<void> {
    if (this.#seenFiles.has(path)) return
    if (!stats.isFile()) {
      this.failures.push({ path, reason: 'is not a regular file' })
      return
    }
    this.#seenFiles.add(path)
    this.files.push({ path, rootIndex, stamp: renderStamp(stats) })
    if (maybeLink) await this.#followLink(path, rootIndex)
  }

  async #followLink(path: string, rootIndex: number): Promise<void> {
    try {
      const realPath = await realpath(path)
      if (realPath === path) return
      this.links.set(realPath, [...(this.links.get(realPath) ?? []), path])
      const folder = dirname(realPath)
      if (this.#linkFolders.has(folder)) return
      this.#linkFolders.add(folder)
      await this.#addFolder(folder, rootIndex, false)
    } catch {
      // Swapped meanwhile: the file is found all the same, and the next walk finds where it leads.
    }
  }
}

function isRelevant(entry: Dirent): boolean {
  if (entry.name.startsWith('.')) return false
  return entry.isDirectory() || entry.isSymbolicLink() || isManifestName(entry.name)
}

/** Null: gone since it was listed. A link that leads nowhere counts as a failure only under a manifest's name. */
async function statEntry(entry: Dirent, path: string): Promise<BigIntStats | 'folder' | Error | null> {
  if (entry.isDirectory()) return 'folder'
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    const isGone = readErrorCode(error) === 'ENOENT' && !entry.isSymbolicLink()
    if (isGone || !isManifestName(entry.name)) return null
    return error instanceof Error ? error : new Error('unreadable')
  }
}
