// What is said of fetches of issuers' keys: each is counted, and a line is written when they begin or cease to fail.
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** `problem`: null where it went well; `hasChanged`: the last one's was another. */
export function createJwksReporter(metrics: Metrics, logger: Logger) {
  return (uri: string, problem: string | null, hasChanged: boolean): void => {
    metrics.jwksFetches.series({ result: problem === null ? 'ok' : 'failed' }).increment()
    if (!hasChanged) return
    // A query may hold what only the issuer is to see.
    const [shown = ''] = uri.split('?')
    if (problem === null) logger.info({ uri: shown }, `keys of token issuer ${shown} are there again`)
    else logger.warn({ uri: shown, problem }, `keys of token issuer ${shown} could not be fetched: ${problem}`)
  }
}
