// Step 13: what an exchange has used and what that costs. Reported usage wins; else it is estimated by what was streamed
// or answered, and marked so. Charges nothing itself.
import type { Quantity } from '../routing/quantity.ts'
import type { BoundMember } from '../upstream/bound-route.ts'
import type { Exchange } from '../upstream/exchange.ts'
import type { TokenUsage } from '../upstream/token-usage.ts'
import { boundCost } from './bound-cost.ts'
import { estimateInput } from './estimate-input.ts'
import { isOperation, operationRules } from './surfaces/operations.ts'

type UsedTokens = Readonly<{ input: number; output: number; cachedInput: number }>

export type MeteredUsage = UsedTokens &
  Readonly<{
    isEstimated: boolean
    /** Both null where the target has no prices. */
    cost: Quantity | null
    currency: string | null
  }>

const bytesPerToken = 4

/** Null: nothing was used, or nobody asks: no usage reported, no reserve held, no prices known. */
export function meterUsage(exchange: Exchange): MeteredUsage | null {
  const { member } = exchange
  const prices = member?.prices ?? null
  const usage = readReported(exchange)
  const used = usage ?? (isMetered(exchange, member) ? estimateUsed(exchange) : null)
  if (used === null) return null
  const { input, output, cachedInput } = used
  return {
    input,
    output,
    cachedInput,
    isEstimated: usage === null,
    cost: prices === null ? null : boundCost(prices, used),
    currency: prices?.currency ?? null,
  }
}

/** Some backends report the input with a stream's first event, the output at its end: cut before, it says nothing yet. */
function readReported({ usage, isStream, streamOutcome, streamTokens }: Exchange): TokenUsage | null {
  if (usage === null || usage.output > 0 || !isStream || streamOutcome === 'complete') return usage
  return streamTokens !== null && streamTokens.tokens > 0 ? null : usage
}

/** Somebody will ask what it used: a limit, or whoever looks at costs. */
export function isMetered({ holding }: Exchange, member: BoundMember | null): boolean {
  return (holding !== null && holding.reserve !== null) || (member !== null && member.prices !== null)
}

function estimateUsed(exchange: Exchange): UsedTokens | null {
  const { operation, holding, isStream } = exchange
  if (operation === null || !isOperation(operation)) return null
  const { generatesText, body, isFree } = operationRules[operation]
  if (isFree) return null
  let output = 0
  if (isStream) {
    output = exchange.streamTokens?.tokens ?? 0
    if (output === 0) return null
  } else {
    if (!isAnswered(exchange)) return null
    const bound = holding?.reserve?.output ?? Number.POSITIVE_INFINITY
    if (generatesText) output = Math.min(bound, Math.ceil(exchange.bytesOut / bytesPerToken))
  }
  const { requestBytes } = exchange
  const input =
    exchange.usage?.input ??
    holding?.reserve?.input ??
    (requestBytes === null || body === 'multipart' ? 0 : estimateInput(requestBytes))
  return { input, output, cachedInput: exchange.usage?.cachedInput ?? 0 }
}

/** A backend's own answer, and a good one, was passed on or begun to be. */
function isAnswered({ response, member }: Exchange): boolean {
  if (member === null || member.provider === null || !response.headersSent) return false
  return response.statusCode >= 200 && response.statusCode < 300
}
