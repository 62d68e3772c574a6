// What a person and Prometheus are told of each reconcile: what was published, which objects are in trouble and why.
import { describeCause } from './describe-cause.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** The part of a reconcile report that is told. */
export type ConfigReport = Readonly<{
  outcome: 'published' | 'unchanged' | 'failed'
  error: unknown
  compileMs: number
  generation: number
  statuses: readonly Readonly<{
    kind: string
    namespace: string
    name: string
    conditions: readonly Readonly<{ type: string; status: string; reason: string; message: string }>[]
  }>[]
  problems: readonly Readonly<{ location: string; reason: string }>[]
  /** performance.now() of the first change in it. */
  firstEventAtMs: number
}>

/** Each trouble is logged when it appears and when it is gone, not at every reconcile. */
export function createConfigReporter(metrics: Metrics, logger: Logger): (report: ConfigReport) => void {
  let told = new Map<string, string>()
  return (report) => {
    if (report.outcome === 'failed') {
      const cause = describeCause(report.error)
      logger.error({ cause }, 'the configuration could not be compiled; the last table goes on serving')
      return
    }
    metrics.configCompile.observe(report.compileMs / 1000)
    metrics.configGeneration.set(report.generation)
    const troubles = listTroubles(report)
    metrics.configProblems.reset()
    for (const { kind, reason } of troubles.values()) metrics.configProblems.inc({ kind, reason })
    if (report.outcome === 'published') {
      const propagationMs = performance.now() - report.firstEventAtMs
      metrics.configPropagation.observe(propagationMs / 1000)
      logger.info(
        {
          generation: report.generation,
          objects: report.statuses.length,
          problems: troubles.size,
          compileMs: Math.round(report.compileMs * 10) / 10,
          propagationMs: Math.round(propagationMs * 10) / 10,
        },
        'configuration published',
      )
    }
    const now = new Map([...troubles].map(([key, trouble]) => [key, trouble.text]))
    for (const [key, text] of now) if (told.get(key) !== text) logger.warn({ object: key }, text)
    for (const key of told.keys()) if (!now.has(key)) logger.info({ object: key }, `${key}: in order again`)
    told = now
  }
}

type Trouble = Readonly<{ kind: string; reason: string; text: string }>

/** Conditions that say no, and `Degraded` that says yes, an object each; sources' problems by their place. */
function listTroubles(report: ConfigReport): Map<string, Trouble> {
  const troubles = new Map<string, Trouble>()
  for (const { kind, namespace, name, conditions } of report.statuses) {
    const bad = conditions.filter(({ type, status }) => status === (type === 'Degraded' ? 'True' : 'False'))
    const first = bad[0]
    if (first === undefined) continue
    const key = `${kind} ${namespace}/${name}`
    const words = bad.map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`)
    troubles.set(key, { kind, reason: first.reason, text: `${key}: ${words.join('; ')}` })
  }
  for (const { location, reason } of report.problems) {
    const before = troubles.get(location)
    const text = before === undefined ? `${location}: ${reason}` : `${before.text}; ${reason}`
    troubles.set(location, { kind: 'source', reason: 'LoadError', text })
  }
  return troubles
}
