// Tells which entries of some folders change, as soon as the kernel says so. Only a hint: it may miss or repeat
// changes (network mounts send none), which is why file-source.ts also looks by itself from time to time.
import { type FSWatcher, watch } from 'node:fs'

export type FolderWatch = Readonly<{
  /** From now on exactly these folders are watched; one whose `identity` changed is watched anew. */
  sync(folders: readonly Readonly<{ realPath: string; identity: string }>[]): void
  /** Folders that can't be watched, with the error's code (`ENOSPC`: the kernel's limit of watches is used up). */
  readFailures(): ReadonlyMap<string, string>
  stop(): void
}>

/** `onChange`: the folder's real path and the entry's name, null when the kernel does not tell. */
export function createFolderWatch(onChange: (realPath: string, name: string | null) => void): FolderWatch {
  const watchers = new Map<string, Readonly<{ identity: string; watcher: FSWatcher }>>()
  const failures = new Map<string, string>()

  const close = (realPath: string) => {
    watchers.get(realPath)?.watcher.close()
    watchers.delete(realPath)
  }

  const open = (realPath: string, identity: string) => {
    try {
      const watcher = watch(realPath, { persistent: false }, (_type, name) => onChange(realPath, name))
      watcher.on('error', (error) => {
        fail(realPath, error)
        onChange(realPath, null)
      })
      watchers.set(realPath, { identity, watcher })
      failures.delete(realPath)
    } catch (error) {
      fail(realPath, error)
    }
  }

  const fail = (realPath: string, error: unknown) => {
    close(realPath)
    failures.set(realPath, error instanceof Error && 'code' in error ? String(error.code) : 'unknown error')
  }

  return {
    sync(folders) {
      const wanted = new Map(folders.map(({ realPath, identity }) => [realPath, identity]))
      for (const [realPath, { identity }] of watchers) if (wanted.get(realPath) !== identity) close(realPath)
      for (const realPath of failures.keys()) if (!wanted.has(realPath)) failures.delete(realPath)
      for (const [realPath, identity] of wanted) if (!watchers.has(realPath)) open(realPath, identity)
    },
    readFailures: () => failures,
    stop() {
      for (const realPath of [...watchers.keys()]) close(realPath)
    },
  }
}
