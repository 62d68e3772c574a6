// What the kernel's "something happened to this name in this folder" means for manifest files. Pure: reads the last
// walk only.
import { basename, dirname, join } from 'node:path'
import { type FileWalk, isManifestName } from './list-manifest-files.ts'

export type HintMeaning = Readonly<{
  /** Files to read again, or for the first time. */
  files: readonly Readonly<{ path: string; rootIndex: number }>[]
  /** Folders may have come, gone or changed places: walk. */
  isWalkNeeded: boolean
  /** Walk if this is a folder: its name alone does not tell. */
  maybeFolders: readonly string[]
}>

/** `isKnown`: whether a path is a manifest file that is watched. `name` null: the kernel does not tell. */
export function interpretHint(
  walk: FileWalk,
  isKnown: (path: string) => boolean,
  realPath: string,
  name: string | null,
): HintMeaning {
  if (name === null) return { files: [], isWalkNeeded: true, maybeFolders: [] }
  const files: { path: string; rootIndex: number }[] = []
  const maybeFolders: string[] = []
  let isWalkNeeded = false
  for (const path of walk.links.get(join(realPath, name)) ?? []) if (isKnown(path)) files.push({ path, rootIndex: 0 })
  for (const { path: folder, realPath: real, isListed, rootIndex } of walk.folders) {
    if (real !== realPath) continue
    const path = join(folder, name)
    if (isKnown(path) || (isListed && isManifestName(name))) files.push({ path, rootIndex })
    // `..data` of a ConfigMap volume; a folder that tells of its own end.
    else if (name.startsWith('..') || name === basename(folder)) isWalkNeeded = true
    else if (walk.folders.some((known) => known.path === path || dirname(known.path) === path)) isWalkNeeded = true
    else if (isListed && !name.startsWith('.')) maybeFolders.push(path)
  }
  return { files, isWalkNeeded, maybeFolders }
}
