// Owns when two compiled routes are the same. Spelled out, because a walk over the fields of ten thousand routes takes
// longer than all the rest of a compile: most parts are the very same object.
import type { Route } from '../routing/table.ts'
import { isSameData } from './reuse.ts'

export function isSameRoute(a: Route, b: Route): boolean {
  return (
    a.id === b.id &&
    a.kind === b.kind &&
    a.isImplied === b.isImplied &&
    a.modelName === b.modelName &&
    a.modelType === b.modelType &&
    a.rewritePrefix === b.rewritePrefix &&
    a.misconfigured === b.misconfigured &&
    isSame(a.match, b.match) &&
    isSamePool(a.pool, b.pool) &&
    isSameAuthentication(a.authentication, b.authentication) &&
    isSame(a.strategy, b.strategy) &&
    isSame(a.limits, b.limits) &&
    isSame(a.retry, b.retry) &&
    isSame(a.timeouts, b.timeouts) &&
    isSame(a.requestHeaders, b.requestHeaders) &&
    isSame(a.responseHeaders, b.responseHeaders)
  )
}

function isSame(a: object, b: object): boolean {
  return a === b || isSameData(a, b)
}

function isSamePool(a: Route['pool'], b: Route['pool']): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) {
    const one = a[at]
    const other = b[at]
    if (one?.targetId !== other?.targetId || one?.weight !== other?.weight || one?.priority !== other?.priority) {
      return false
    }
  }
  return true
}

function isSameAuthentication(a: Route['authentication'], b: Route['authentication']): boolean {
  if (!a.required || !b.required) return a.required === b.required
  const ids = a.keySetIds
  const others = b.keySetIds
  if (ids === others) return true
  if (ids.length !== others.length) return false
  for (let at = 0; at < ids.length; at++) if (ids[at] !== others[at]) return false
  return true
}
