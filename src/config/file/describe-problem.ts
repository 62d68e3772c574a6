// Lines for people: `file:line: path: reason`, paths as one would type them from here.
import { isAbsolute, relative } from 'node:path'

/** `examples/a.yaml` for a path below the working directory, else the path as it is. */
export function describePath(path: string, workingDirectory: string = process.cwd()): string {
  const short = relative(workingDirectory, path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
}

/** `spec.path: must start with /`, or the reason alone for an object as a whole. */
export function describeField(problem: Readonly<{ path: string; reason: string }>): string {
  return problem.path === '' ? problem.reason : `${problem.path}: ${problem.reason}`
}

/** `no such file or directory`, `permission denied`, or the error's code: never its text, which repeats the path. */
export function describeFileError(error: unknown): string {
  const code = readErrorCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file or directory'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  return `can not be read (${code})`
}

export function readErrorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
}
