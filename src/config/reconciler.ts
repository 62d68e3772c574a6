// From "dirty" to a published table: pace → read → compile → publish → report. Keeps what compiling needs from
// one time to the next (the last good specs) and decides when to compile; knows no resource and serves no request.
import type { ResourceStatus } from '../api/conditions.ts'
import type { ResourceSet } from '../api/resource-set.ts'
import { mergeResourceSets } from './merge-resource-sets.ts'
import { createPacer, type PacerClock, systemPacerClock } from './pacer.ts'
import { ConfigurationError, type Source, type SourceProblem } from './source.ts'

/** What `publish` gets; the compiler's own result has more. */
export type Compiled<LastGood> = Readonly<{
  table: Readonly<{ digest: string }>
  statuses: readonly ResourceStatus[]
  /** Handed in again the next time. */
  lastGood: LastGood
}>

export type ReconcileReport = Readonly<{
  /** `unchanged`: the same digest as served, but other statuses or problems. `failed`: a bug, the last table stays. */
  outcome: 'published' | 'unchanged' | 'failed'
  /** What was thrown by `read`, `compile` or `publish`, when it failed. */
  error: unknown
  /** Of the last compile that came to an end. */
  compileMs: number
  /** How many tables were published so far; the one served has this number. 0: none. */
  generation: number
  statuses: readonly ResourceStatus[]
  problems: readonly SourceProblem[]
  /** The clock's time of the first change in this table, for `sluice_config_propagation_seconds`. */
  firstEventAtMs: number
}>

export type ReconcilerOptions<LastGood, Result extends Compiled<LastGood>> = Readonly<{
  sources: readonly Source[]
  /** Pure. `lastGood` is null at first. */
  compile: (input: Readonly<{ resources: ResourceSet; lastGood: LastGood | null }>) => Result
  /** Binds and swaps, at once: no promise. Throws: the last table stays, and the next change tries again. */
  publish: (result: Result) => void
  /** Must not throw. */
  report: (report: ReconcileReport) => void
  clock?: PacerClock
  /** Calm that ends a burst of events. Default 10 ms. */
  quietMs?: number
  /** The longest a burst holds back a table. Default 50 ms. */
  maxDelayMs?: number
}>

export type Reconciler = Readonly<{
  /** Starts the sources. Rejects with their ConfigurationErrors' lines in one; nothing runs then. */
  start(): Promise<void>
  /** True once a table has been published: ready to serve, for good. */
  hasTable(): boolean
  /** Every source has been read whole once. */
  isSynced(): boolean
  stop(): Promise<void>
}>

/** Nothing runs before `start`. */
export function createReconciler<LastGood, Result extends Compiled<LastGood>>(
  options: ReconcilerOptions<LastGood, Result>,
): Reconciler {
  const { sources, compile, publish, report } = options
  const clock = options.clock ?? systemPacerClock
  let lastGood: LastGood | null = null
  let digest: string | null = null
  let generation = 0
  let compileMs = 0
  let hasFailed = false
  let statuses: readonly ResourceStatus[] = []
  let problems: readonly SourceProblem[] = []

  const isSynced = () => sources.every((source) => source.isSynced())

  /** Null: nothing new to say. */
  const compileAndPublish = (): 'published' | 'unchanged' | null => {
    const sets = sources.map((source) => ({ name: source.name, resources: source.read() }))
    const merged = mergeResourceSets(sets)
    problems = [...sources.flatMap((source) => source.readProblems()), ...merged.problems]
    const startedMs = clock.nowMs()
    const result = compile({ resources: merged.resources, lastGood })
    compileMs = clock.nowMs() - startedMs
    const toldStatuses = statuses
    const isNew = result.table.digest !== digest
    if (isNew) {
      publish(result)
      digest = result.table.digest
      generation += 1
    }
    lastGood = result.lastGood
    statuses = result.statuses
    if (isNew) return 'published'
    return !hasFailed && isSame(toldStatuses, statuses) ? null : 'unchanged'
  }

  const reconcile = (firstEventAtMs: number) => {
    const toldProblems = problems
    let outcome: ReconcileReport['outcome'] | null
    let error: unknown = null
    try {
      outcome = compileAndPublish() ?? (isSame(toldProblems, problems) ? null : 'unchanged')
    } catch (thrown) {
      outcome = 'failed'
      error = thrown
    }
    hasFailed = outcome === 'failed'
    if (outcome !== null) report({ outcome, error, compileMs, generation, statuses, problems, firstEventAtMs })
  }

  const pacer = createPacer({
    run: reconcile,
    canRun: isSynced,
    clock,
    quietMs: options.quietMs ?? 10,
    maxDelayMs: options.maxDelayMs ?? 50,
  })

  return {
    async start() {
      const outcomes = await Promise.allSettled(sources.map((source) => source.start(pacer.mark)))
      const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      if (errors.length === 0) return
      pacer.stop()
      await Promise.allSettled(sources.map((source) => source.stop()))
      throw joinErrors(errors)
    },
    hasTable: () => digest !== null,
    isSynced,
    async stop() {
      pacer.stop()
      await Promise.all(sources.map((source) => source.stop()))
    },
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  return one.every((item, index) => item === other[index] || JSON.stringify(item) === JSON.stringify(other[index]))
}

function joinErrors(errors: readonly unknown[]): unknown {
  const bug = errors.find((error) => !(error instanceof ConfigurationError))
  if (bug !== undefined) return bug
  return new ConfigurationError(errors.flatMap((error) => (error instanceof ConfigurationError ? error.lines : [])))
}
