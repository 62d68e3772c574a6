// Step 8: what a request may use at most, before anybody knows. An estimate, replaced by what was used in the end.
import type { Usage } from '../policies/limits/enforce.ts'
import type { Operation } from '../providers/operation.ts'
import type { Limit } from '../routing/limit.ts'
import { nothing } from '../routing/quantity.ts'
import type { BoundRoute } from '../upstream/bound-route.ts'
import type { ModelBody } from '../upstream/encode-request.ts'
import type { Exchange } from '../upstream/exchange.ts'
import { needsBody } from './admit.ts'

/** Null where no limit asks for it. */
export function estimateUsage(
  _exchange: Exchange,
  _route: BoundRoute,
  limits: readonly Limit[],
  _operation: Operation,
  body: ModelBody,
): Usage | null {
  if (!needsBody(limits)) return null
  return { tokens: Math.ceil(body.bytes.length / 4), costIn: () => nothing }
}
