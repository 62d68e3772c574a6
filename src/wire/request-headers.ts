// Owns which of a client's request headers go upstream: an allow-list for models, everything harmless for plain services.
// Adds none of its own: host, credential, content-length, forwarded and the route's edits come from the sender.
import { credentialNames, hopByHopNames, isForwardedName, isGatewayOwned, readConnectionNames } from './header-names.ts'

/**
 * What a model server may learn of a client's headers. A provider is another company: it gets what changes its answer
 * (content type, accept, beta switches, idempotency) and what makes a trace whole. Not `user-agent` and `x-stainless-*`,
 * which describe the caller's machine; not `accept-encoding`, since the relay reads the answer; not
 * `openai-organization` and `openai-project`, which choose who pays and belong to the credential's owner; not cookies.
 */
const modelRequestNames: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'anthropic-beta',
  'anthropic-version',
  'content-encoding',
  'content-type',
  'idempotency-key',
  'openai-beta',
  'traceparent',
  'tracestate',
])

const serviceDropped: ReadonlySet<string> = new Set([
  ...hopByHopNames,
  ...credentialNames,
  'host',
  'content-length',
  'expect',
  // The exchange's id is sent: the client's own where that is sane.
  'x-request-id',
])

/** Appends `name, value, …` of what goes to a model target to `out` and returns it. Names are lower case. */
export function appendModelRequestHeaders(
  names: readonly string[],
  values: readonly string[],
  out: string[] = [],
): string[] {
  const connectionNames = readConnectionNames(names, values)
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? ''
    if (!modelRequestNames.has(name) || connectionNames?.has(name)) continue
    out.push(name, values[at] ?? '')
  }
  return out
}

/** Appends `name, value, …` of what goes to a plain service to `out` and returns it. Names are lower case. */
export function appendServiceRequestHeaders(
  names: readonly string[],
  values: readonly string[],
  out: string[] = [],
): string[] {
  const connectionNames = readConnectionNames(names, values)
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? ''
    if (serviceDropped.has(name) || isGatewayOwned(name) || isForwardedName(name)) continue
    if (connectionNames?.has(name)) continue
    out.push(name, values[at] ?? '')
  }
  return out
}
