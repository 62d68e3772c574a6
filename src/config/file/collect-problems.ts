// What keeps files and folders from being read, for people: one problem a culprit.
import type { SourceProblem } from '../source.ts'
import { describePath } from './describe-problem.ts'
import type { FileWalk } from './list-manifest-files.ts'

export function collectProblems(
  walk: FileWalk,
  watchFailures: ReadonlyMap<string, string>,
  files: readonly Readonly<{ problems: readonly SourceProblem[] }>[],
): readonly SourceProblem[] {
  const failures = walk.failures.map(({ path, reason }) => ({ location: describePath(path), reason }))
  const unreachable = new Set(failures.map(({ location }) => location))
  return [
    ...failures,
    ...[...watchFailures].map(([realPath, code]) => ({
      location: describePath(realPath),
      reason: `can not be watched (${code}): changes are seen with some delay`,
    })),
    // A configured file that is gone is known from the walk too.
    ...files.flatMap(({ problems }) => problems).filter(({ location }) => !unreachable.has(location)),
  ]
}

/** `a.yaml:3: not valid YAML: …` */
export function describeProblem({ location, reason }: SourceProblem): string {
  return `${location}: ${reason}`
}
