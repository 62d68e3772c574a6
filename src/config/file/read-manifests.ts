// Reads manifests once, for commands that look and leave: everything found and everything wrong, watching nothing.
import { resolve } from 'node:path'
import { buildWorld, type World, type WorldFile } from './build-world.ts'
import type { CheckOptions } from './check-object.ts'
import { describePath } from './describe-problem.ts'
import { listManifestFiles } from './list-manifest-files.ts'
import { readContent } from './read-content.ts'
import { readFileText } from './read-file-text.ts'

export type ManifestProblem = Readonly<{
  shownPath: string
  /** 1-based; 0: the file as a whole. */
  line: number
  reason: string
}>

export type Manifests = Readonly<{
  /** What could be parsed, in the order in which doubles are decided. */
  files: readonly WorldFile[]
  world: World
  /** Configured paths that can't be used at all. */
  unusablePaths: readonly ManifestProblem[]
  /** Files that can't be read or parsed: nothing of them is in the world. */
  unreadable: readonly ManifestProblem[]
}>

/** `paths` relative to the working directory or absolute. Never rejects. */
export async function readManifests(paths: readonly string[], check: CheckOptions): Promise<Manifests> {
  const roots = [...new Set(paths.map((path) => resolve(path)))]
  const walk = await listManifestFiles(roots)
  const failures = walk.failures.map(({ path, reason }) => ({ path, shownPath: describePath(path), line: 0, reason }))
  const unreadable: ManifestProblem[] = failures.filter(({ path }) => !roots.includes(path))
  const files: WorldFile[] = []
  for (const { path } of walk.files) {
    const shownPath = describePath(path)
    const attempt = await readFileText(path)
    if (attempt.outcome === 'gone') continue
    if (attempt.outcome === 'unreadable') {
      unreadable.push({ shownPath, line: attempt.line, reason: attempt.reason })
      continue
    }
    const content = await readContent(attempt.text, null, check)
    if (content.syntaxProblems.length === 0) files.push({ shownPath, content })
    else unreadable.push(...content.syntaxProblems.map(({ line, reason }) => ({ shownPath, line, reason })))
  }
  const unusablePaths = failures.filter(({ path }) => roots.includes(path))
  return { files, world: buildWorld(files, null), unusablePaths, unreadable }
}
