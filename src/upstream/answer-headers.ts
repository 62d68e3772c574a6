// The headers of an answer: the backend's (filtered), the route's, and Sluice's own. Built up, never stripped down.
import { findTightest, readRemaining } from '../policies/limits/enforce.ts'
import type { Exchange } from './exchange.ts'

const noNames: ReadonlySet<string> = new Set()

/** Flat name/value pairs for `writeHead`. `upstream`: flat, lower-case names. `contentLength` null leaves it as it came. */
export function buildAnswerHeaders(
  exchange: Exchange,
  upstream: readonly string[],
  contentLength: number | null,
): string[] {
  const withheld = exchange.route?.withheldResponseHeaders ?? noNames
  const hasLimits = exchange.limitStates.length > 0
  const out: string[] = []
  for (let at = 0; at < upstream.length; at += 2) {
    const name = upstream[at] ?? ''
    if (contentLength !== null && name === 'content-length') continue
    if (hasLimits && name.startsWith('x-ratelimit-')) continue
    if (withheld.has(name)) continue
    out.push(name, upstream[at + 1] ?? '')
  }
  if (contentLength !== null) out.push('content-length', String(contentLength))
  appendGatewayHeaders(exchange, out, noNames)
  return out
}

/** The same for an answer of Sluice's own: what `own` says, the route does not say again. */
export function buildOwnHeaders(exchange: Exchange, own: readonly string[]): string[] {
  const out = [...own]
  appendGatewayHeaders(exchange, out, new Set(own.filter((_, at) => at % 2 === 0)))
  return out
}

/** Route, target, model, attempts, request id, limits; `connection: close` where the connection ends here. */
function appendGatewayHeaders(exchange: Exchange, out: string[], said: ReadonlySet<string>): void {
  if (exchange.id !== '') out.push('x-request-id', exchange.id)
  const { route, member } = exchange
  if (route !== null) {
    out.push('x-sluice-route', encodeHeaderText(route.route.id))
    const { modelName } = route.route
    if (modelName !== null) out.push('x-sluice-model', encodeHeaderText(modelName))
    const edits = route.responseHeaders
    for (let at = 0; at < edits.length; at += 2) {
      const name = edits[at] ?? ''
      if (!said.has(name)) out.push(name, edits[at + 1] ?? '')
    }
  }
  if (member !== null) {
    out.push('x-sluice-target', encodeHeaderText(member.target.id), 'x-sluice-attempts', String(exchange.attempts))
  }
  if (exchange.limitStates.length > 0) {
    appendLimitHeaders(exchange, out, 'requests')
    appendLimitHeaders(exchange, out, 'tokens')
  }
  if (exchange.budgetUsedPercent !== null) {
    out.push('x-sluice-budget-used-percent', String(exchange.budgetUsedPercent))
  }
  if (exchange.mustClose || exchange.lifecycle.isDraining) out.push('connection', 'close')
}

/** https://platform.openai.com/docs/guides/rate-limits: of the tightest limit of the kind. */
function appendLimitHeaders(exchange: Exchange, out: string[], unit: 'requests' | 'tokens'): void {
  const state = findTightest(exchange.limitStates, unit)
  if (state === null) return
  out.push(
    `x-ratelimit-limit-${unit}`,
    String(state.limit.amount.whole),
    `x-ratelimit-remaining-${unit}`,
    String(readRemaining(state)),
    `x-ratelimit-reset-${unit}`,
    renderDuration(state.resetMs ?? 0),
  )
}

/** Model names may hold any character; a header value may not. */
function encodeHeaderText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed())
}

/** As OpenAI writes it: `1s`, `6m0s`, `120ms`. */
function renderDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.ceil(ms))}ms`
  const seconds = Math.ceil(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds % 60}s`
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`
}
