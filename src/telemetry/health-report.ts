// What is said of backends that fail: a line when one is put out of service, a line when it is back.
import type { Logger } from './logger.ts'

/** `key`: the target's id, and its address where it has several. `restMs` 0: it is back. */
export function createHealthReporter(logger: Logger) {
  return (key: string, { reason, restMs }: Readonly<{ reason: string; restMs: number }>): void => {
    if (restMs === 0) logger.info({ target: key }, `target ${key} is back in service: ${reason}`)
    else logger.warn({ target: key, reason, restMs: Math.round(restMs) }, `target ${key} is out of service: ${reason}`)
  }
}
