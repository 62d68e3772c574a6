// One attempt to read a manifest file: its text, or why there is none. Never throws, never blocks on a pipe.
import { readFile, stat } from 'node:fs/promises'
import { decodeManifest, describeTooLarge, maxManifestBytes } from './decode-manifest.ts'
import { describeFileError, readErrorCode } from './describe-problem.ts'
import { renderStamp } from './list-manifest-files.ts'

/** Timestamps may be this coarse: a file that was younger when read may have changed since under the same stamp. */
const stampGranularityMs = 1_000

export type FileAttempt = Readonly<
  | { outcome: 'text'; text: string; stamp: string; isStampFirm: boolean }
  | { outcome: 'gone' }
  /** `line` 0: the file as a whole. */
  | { outcome: 'unreadable'; line: number; reason: string; stamp: string | null; isStampFirm: boolean }
>

export async function readFileText(path: string): Promise<FileAttempt> {
  try {
    const stats = await stat(path, { bigint: true })
    const stamp = renderStamp(stats)
    const isStampFirm = Date.now() - Number(stats.mtimeMs) > stampGranularityMs
    const refuse = (line: number, reason: string): FileAttempt => {
      return { outcome: 'unreadable', line, reason, stamp, isStampFirm }
    }
    if (stats.isDirectory()) return { outcome: 'gone' }
    if (!stats.isFile()) return refuse(0, 'is not a regular file')
    if (stats.size > maxManifestBytes) return refuse(0, describeTooLarge(Number(stats.size)))
    const { text, problem } = decodeManifest(await readFile(path))
    return problem === null ? { outcome: 'text', text, stamp, isStampFirm } : refuse(problem.line, problem.reason)
  } catch (error) {
    const code = readErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return { outcome: 'gone' }
    return { outcome: 'unreadable', line: 0, reason: describeFileError(error), stamp: null, isStampFirm: false }
  }
}
