// The headers of an answer: the backend's (filtered), the route's, and Sluice's own. Built up, never stripped down.
import type { Exchange } from './exchange.ts'
import { appendLimitHeaders } from './limit-headers.ts'

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
    if (hasLimits && (name.startsWith('x-ratelimit-') || name.startsWith('anthropic-ratelimit-'))) continue
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
  if (exchange.id !== '') {
    out.push('x-request-id', exchange.id)
    // Anthropic's clients read this one; a backend's own, which its vendor's support asks for, stays.
    if (exchange.dialect === 'anthropic' && !hasName(out, 'request-id')) out.push('request-id', exchange.id)
  }
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
  if (exchange.dropped.length > 0) out.push('x-sluice-dropped', renderDropped(exchange.dropped))
  if (exchange.limitStates.length > 0) appendLimitHeaders(exchange.limitStates, out)
  if (exchange.budgetUsedPercent !== null) {
    out.push('x-sluice-budget-used-percent', String(exchange.budgetUsedPercent))
  }
  if (exchange.mustClose || exchange.lifecycle.isDraining) out.push('connection', 'close')
}

function hasName(flat: readonly string[], name: string): boolean {
  return flat.some((part, at) => at % 2 === 0 && part === name)
}

/** Model names may hold any character; a header value may not. */
function encodeHeaderText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed())
}

const maxDropped = { names: 32, nameLength: 100 }

/** Names of fields are the client's: any text, of any length, of which a header holds only some. */
function renderDropped(names: readonly string[]): string {
  const shown = names.slice(0, maxDropped.names).map((name) => {
    const plain = name.replace(/[^\x20-\x7e]/g, '?')
    return plain.length > maxDropped.nameLength ? `${plain.slice(0, maxDropped.nameLength)}...` : plain
  })
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')}, and ${more} more` : shown.join(', ')
}
