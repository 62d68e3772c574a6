// What the end of a list or a watch calls for: the rules of reflector.ts in one place. Pure.
import { ApiError } from './api-error.ts'
import { SilenceError } from './watched-get.ts'

export type EndedAttempt = Readonly<{
  /** Null: a watch that ended cleanly. */
  failure: Error | null
  /** How long a watch had been accepted; null for one that never was, and for a list. */
  openMs: number | null
  isWatch: boolean
  /** Accepted watches in a row, this one included, that brought not one event or bookmark. */
  barrenWatches: number
  /** A 404 is as good as an empty collection. */
  isOptional: boolean
  /** A 403 is, too, but for the problem that it is. */
  mayBeForbidden: boolean
}>

export type NextStep =
  /** List anew: where the mirror stands can't be resumed from. */
  | Readonly<{ step: 'relist'; reason: string }>
  /** The kind is not installed, and need not be. */
  | Readonly<{ step: 'accept-missing' }>
  /** It may not be read, and need not be. */
  | Readonly<{ step: 'accept-forbidden' }>
  /** Go on where it stands: at once, when the server says, or after a backoff. */
  | Readonly<{ step: 'resume' }>
  | Readonly<{ step: 'resume-after'; delayMs: number }>
  | Readonly<{ step: 'back-off' }>

/** A watch that ends sooner was no watch: a server that hangs up must not be called in a loop. */
const shortestHealthyWatchMs = 1_000
/**
 * An API server whose etcd was restored from a backup accepts a watch from a version it has yet to reach, and then says
 * nothing, not even bookmarks (1.36 does so). After so many of these in a row, a list tells.
 */
const barrenWatchLimit = 2

export function resolveFailure(attempt: EndedAttempt): NextStep {
  const { failure, openMs, isWatch, barrenWatches, isOptional, mayBeForbidden } = attempt
  if (failure instanceof ApiError) {
    if (isWatch && (failure.isExpired || failure.isTooLargeResourceVersion)) {
      return { step: 'relist', reason: failure.message }
    }
    if (failure.status === 404 && isOptional) return { step: 'accept-missing' }
    if (failure.status === 403 && mayBeForbidden) return { step: 'accept-forbidden' }
    if (failure.retryAfterMs !== null) return { step: 'resume-after', delayMs: failure.retryAfterMs }
    return { step: 'back-off' }
  }
  if (failure instanceof SilenceError) {
    const isBarren = barrenWatches >= barrenWatchLimit
    return isBarren ? { step: 'relist', reason: 'the server has nothing to say since then' } : { step: 'back-off' }
  }
  // Fine until it broke off, or ended in time: most likely a restart. Only if the next one fails too is something wrong.
  const wasHealthy = openMs !== null && openMs >= shortestHealthyWatchMs
  return wasHealthy ? { step: 'resume' } : { step: 'back-off' }
}
