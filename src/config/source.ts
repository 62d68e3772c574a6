// What produces resources: a folder of files or a Kubernetes API server. Events carry no data: a source says
// "dirty", and whoever wants to know reads it whole.
import type { ResourceSet } from '../api/resource-set.ts'

/** Trouble that belongs to no object: a file that does not parse, a watch that is refused. */
export type SourceProblem = Readonly<{
  /** `file:line`, or `kubernetes aimodels`. */
  location: string
  reason: string
}>

export interface Source {
  readonly name: string
  /**
   * Begins to read and watch. Resolves when the first attempt has been made, not when synced; rejects with a
   * one-line ConfigurationError on what can't heal by itself (no such folder, a file that does not parse at start).
   * `onDirty` is called after each change of what `read` would return, and when `isSynced` becomes true.
   */
  start(onDirty: () => void): Promise<void>
  /** True for good once everything has been read whole once. */
  isSynced(): boolean
  /** A frozen snapshot; the same objects (by identity) for what did not change. */
  read(): ResourceSet
  readProblems(): readonly SourceProblem[]
  /** Per kind: milliseconds since the source last heard anything, for `sluice_config_last_event_age_seconds`. */
  readLastEventAges(): ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** Settings or manifests that can't be used: `lines` are for a person, one culprit a line. */
export class ConfigurationError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConfigurationError'
    this.lines = lines
  }
}
