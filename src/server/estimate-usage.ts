// Step 8: what a request may use at most, before anybody knows. An estimate, replaced by what was used in the end.
import type { Operation } from '../providers/operation.ts'
import type { Limit } from '../routing/limit.ts'
import { isLess, nothing, type Quantity } from '../routing/quantity.ts'
import type { ParameterDefault } from '../routing/table.ts'
import type { BoundRoute } from '../upstream/bound-route.ts'
import type { ModelBody } from '../upstream/encode-request.ts'
import type { Reserve } from '../upstream/exchange.ts'
import { needsBody } from './admit.ts'
import { boundCost } from './bound-cost.ts'
import { estimateInput } from './estimate-input.ts'
import { operationRules } from './surfaces/operations.ts'

/**
 * Of an answer whose length nobody says: what a model's longest answer is reserved up to, and what is reserved where
 * that is unknown too. Most answers are far shorter, and a reserve keeps others out while it is held.
 */
const maxUnsaidTokens = 4_096
const defaultOutputTokens = 1_024
/** What a client may reserve by `max_tokens` where no target says how long its answers get, and by `n`. */
const maxAskedTokens = 1_000_000
const maxChoices = 128

const outputNames = new Set(['max_tokens', 'max_completion_tokens', 'max_output_tokens'])

/** Null where no limit asks for it: such a request pays nothing for this. */
export function estimateUsage(
  route: BoundRoute,
  limits: readonly Limit[],
  operation: Operation,
  body: ModelBody,
): Reserve | null {
  if (!needsBody(limits)) return null
  const rules = operationRules[operation]
  const input = rules.body === 'multipart' || rules.isFree ? 0 : estimateInput(body.bytes)
  const output = rules.generatesText ? estimateOutput(route, operation, body) : 0
  return { tokens: input + output, input, output, costIn: (currency) => findDearest(route, currency, input, output) }
}

function estimateOutput(route: BoundRoute, operation: Operation, body: ModelBody): number {
  const longest = route.longestAnswer
  const asked = operation === 'responses' ? body.asked?.maxOutputTokens : body.asked?.maxTokens
  const said = asked ?? findParameterDefault(route, operation, body)
  const tokens =
    said === null
      ? Math.min(longest ?? defaultOutputTokens, maxUnsaidTokens)
      : Math.min(said, longest ?? maxAskedTokens)
  return tokens * Math.min(body.asked?.choices ?? 1, maxChoices)
}

/** The largest that will be merged into the body. */
function findParameterDefault(route: BoundRoute, operation: Operation, body: ModelBody): number | null {
  let largest: number | null = null
  for (const tier of route.tiers) {
    for (const { target } of tier) {
      for (const parameter of target.parameters[operation] ?? []) {
        if (!outputNames.has(parameter.name) || !isMerged(parameter, body)) continue
        const count = Number(parameter.json)
        if (Number.isSafeInteger(count) && count > (largest ?? 0)) largest = count
      }
    }
  }
  return largest
}

function isMerged({ unlessSet }: ParameterDefault, { opening }: ModelBody): boolean {
  return opening !== null && !unlessSet.some((name) => opening.keys.includes(name))
}

/** Nobody knows yet which member will answer. */
function findDearest(route: BoundRoute, currency: string, input: number, output: number): Quantity {
  let dearest = nothing
  for (const tier of route.tiers) {
    for (const { prices } of tier) {
      if (prices === null || prices.currency !== currency) continue
      const cost = boundCost(prices, { input, output, cachedInput: 0 })
      if (isLess(dearest, cost)) dearest = cost
    }
  }
  return dearest
}
