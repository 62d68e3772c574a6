// One watched manifest file: what it last said that was good, what is wrong with it now, and when a change of it is
// believed. A file can be seen half written, empty or absent while it is being replaced: such a sight counts only
// when it is still the same after a quiet period. Everything else counts at once.
import type { SourceProblem } from '../source.ts'
import type { CheckOptions } from './check-object.ts'
import { describePath } from './describe-problem.ts'
import { type FileContent, readContent, readObjects } from './read-content.ts'
import { type FileAttempt, readFileText } from './read-file-text.ts'

export type ManifestFileOptions = Readonly<{
  path: string
  rootIndex: number
  /** Configured by its own path, not found in a folder: when it goes, that is a problem and not a deletion. */
  isRoot: boolean
  check: CheckOptions
  quietMs: number
  /** After each attempt that has come to an end; `isChanged` when content or problems are other than before. */
  onSettled: (file: ManifestFile, isChanged: boolean) => void
}>

const maxUnsettledReads = 4

export class ManifestFile {
  readonly path: string
  readonly shownPath: string
  readonly rootIndex: number
  /** The last good objects; null until there were any. */
  content: FileContent | null = null
  /** What keeps the file's present form from being used. */
  problems: readonly SourceProblem[] = []
  isGone = false
  readonly #options: ManifestFileOptions
  #stamp: string | null = null
  #isStampFirm = false
  #reading: Promise<void> | null = null
  #isReadWanted = false
  /** A sight that is not believed yet; when due, the same sight again is. */
  #doubted: { readonly attempt: FileAttempt; readonly timer: NodeJS.Timeout; isDue: boolean } | null = null
  #isStopped = false

  constructor(options: ManifestFileOptions) {
    this.#options = options
    this.path = options.path
    this.rootIndex = options.rootIndex
    this.shownPath = describePath(options.path)
  }

  /** Whether a file with this stamp was read before and can't have changed since. */
  isCurrent(stamp: string): boolean {
    return this.#isStampFirm && this.#stamp === stamp
  }

  /** Reads the file now, or again once the reading under way is done. */
  requestRead(): void {
    if (this.#isStopped) return
    if (this.#reading !== null) {
      this.#isReadWanted = true
      return
    }
    this.#reading = this.#readUntilStill().finally(() => {
      this.#reading = null
      if (this.#isReadWanted) this.requestRead()
    })
  }

  /** The first reading: what is seen is believed. */
  async readFirst(): Promise<void> {
    await this.#settle(await readFileText(this.path), true)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#dropDoubt()
    await this.#reading
  }

  async #readUntilStill(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      this.#isReadWanted = false
      const attempt = await readFileText(this.path)
      if (this.#isStopped) return
      // It changed while it was read: the next reading is the one to parse, but a file that never rests is not put off.
      if (!this.#isReadWanted || tries % maxUnsettledReads === 0) await this.#settle(attempt, false)
      if (!this.#isReadWanted || this.#isStopped) return
    }
  }

  async #settle(attempt: FileAttempt, isFirst: boolean): Promise<void> {
    const content = await this.#readAttempt(attempt)
    if (this.#isStopped) return
    const isSeenAgain = this.#doubted?.isDue === true && isSameSight(this.#doubted.attempt, attempt)
    if (!isFirst && !isSeenAgain && this.#isDoubtful(attempt, content)) {
      this.#doubt(attempt)
      this.#options.onSettled(this, false)
      return
    }
    this.#dropDoubt()
    this.#options.onSettled(this, this.#accept(attempt, content))
  }

  async #readAttempt(attempt: FileAttempt): Promise<FileContent | null> {
    if (attempt.outcome !== 'text') return null
    if (attempt.text === this.content?.text) return this.content
    return readContent(attempt.text, this.content, this.#options.check)
  }

  #isDoubtful(attempt: FileAttempt, content: FileContent | null): boolean {
    if (attempt.outcome !== 'text' || content === null) return true
    if (content === this.content) return false
    if (content.syntaxProblems.length > 0) return true
    const { text } = attempt
    if (!text.endsWith('\n') && !text.trimEnd().endsWith('}')) return true
    if (this.content === null) return false
    return this.content.text.startsWith(text) || losesObjects(this.content, content)
  }

  /** Looks again after the quiet period. */
  #doubt(attempt: FileAttempt): void {
    if (this.#doubted !== null && isSameSight(this.#doubted.attempt, attempt)) return
    this.#dropDoubt()
    const timer = setTimeout(() => {
      if (this.#doubted !== null) this.#doubted.isDue = true
      this.requestRead()
    }, this.#options.quietMs)
    this.#doubted = { attempt, timer, isDue: false }
  }

  #dropDoubt(): void {
    if (this.#doubted !== null) clearTimeout(this.#doubted.timer)
    this.#doubted = null
  }

  /** True if content or problems are other than before. */
  #accept(attempt: FileAttempt, content: FileContent | null): boolean {
    const before = { content: this.content, problems: this.problems, isGone: this.isGone }
    this.#stamp = attempt.outcome === 'gone' ? null : attempt.stamp
    this.#isStampFirm = attempt.outcome !== 'gone' && attempt.isStampFirm
    this.isGone = attempt.outcome === 'gone'
    const problems = this.#describeProblems(attempt, content)
    if (problems.length === 0 && content !== null) this.content = content
    if (!isSameProblems(problems, this.problems)) this.problems = problems
    return before.content !== this.content || before.problems !== this.problems || before.isGone !== this.isGone
  }

  #describeProblems(attempt: FileAttempt, content: FileContent | null): readonly SourceProblem[] {
    if (attempt.outcome === 'gone') {
      return this.#options.isRoot ? [{ location: this.shownPath, reason: 'no such file or directory' }] : []
    }
    if (attempt.outcome === 'unreadable') {
      const location = attempt.line === 0 ? this.shownPath : `${this.shownPath}:${attempt.line}`
      return [{ location, reason: attempt.reason }]
    }
    const syntax = content?.syntaxProblems ?? []
    return syntax.map(({ line, reason }) => ({ location: `${this.shownPath}:${line}`, reason }))
  }
}

function isSameSight(one: FileAttempt, other: FileAttempt): boolean {
  if (one.outcome === 'text') return other.outcome === 'text' && one.text === other.text
  if (one.outcome === 'gone') return other.outcome === 'gone'
  return other.outcome === 'unreadable' && one.reason === other.reason && one.line === other.line
}

function isSameProblems(one: readonly SourceProblem[], other: readonly SourceProblem[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function losesObjects(before: FileContent, after: FileContent): boolean {
  if (before.objectCount > after.objectCount) return true
  const keys = new Set<string>()
  for (const { object } of readObjects(after)) keys.add(object.identity.key)
  for (const { object } of readObjects(before)) if (!keys.has(object.identity.key)) return true
  return false
}
