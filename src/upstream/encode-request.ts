// A client's request as a target gets it: its path, its headers built up, its body passed or spliced; written anew only where
// it holds what another provider has left and this one refuses.
import type { Readable } from 'node:stream'
import { GatewayError } from '../errors/gateway-error.ts'
import type { StreamOptionsPlace } from '../providers/openai-format/ask-usage.ts'
import type { Operation } from '../providers/operation.ts'
import type { PromptPlace } from '../wire/hash-prompt.ts'
import { joinQuery } from '../wire/join-query.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { appendModelRequestHeaders, appendServiceRequestHeaders } from '../wire/request-headers.ts'
import type { AskedOutput } from '../wire/scan-body.ts'
import { type BodyEdit, insertMembers, spliceBody } from '../wire/splice.ts'
import type { BoundMember } from './bound-route.ts'
import type { Exchange } from './exchange.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** What is known of a model request's body: bytes, and where its model name stands (0, 0: nowhere). */
export type ModelBody = Readonly<{
  bytes: Buffer
  model: string | null
  modelStart: number
  modelEnd: number
  /** The upstream model name as it stands in this kind of body: JSON text, or bare in multipart. */
  renderModel: (model: string) => string
  /** JSON bodies only: where defaults are inserted and which names are taken. Null: no defaults. */
  opening: Readonly<{ firstKeyOffset: number; isEmptyObject: boolean; keys: readonly string[] }> | null
  /** JSON bodies only: how much answer it asks for. */
  asked: AskedOutput | null
  /** JSON bodies only: where the prompt stands. */
  prompt: PromptPlace | null
  /** JSON bodies that ask for a stream only: where its options stand. */
  stream: StreamOptionsPlace | null
}>

/**
 * A request whose bytes pass. `operationPath`: the provider's own. `usageEdits`: those that ask for the usage of a
 * stream, null for none.
 */
export function encodeModelRequest(
  exchange: Exchange,
  member: BoundMember,
  operation: Operation,
  operationPath: string,
  body: ModelBody,
  usageEdits: readonly BodyEdit[] | null,
): UpstreamRequest {
  const { head } = exchange
  if (head === null) throw new GatewayError('internal_error', 'model request without a head')
  refuseSteering(member, body)
  const { provider } = member
  const leftOut: string[] = []
  const takesDefault = (name: string) => {
    const takes = provider?.takesDefault?.(name, (header) => readHeader(head, header)) ?? true
    if (!takes) leftOut.push(name)
    return takes
  }
  const spliced = spliceModelBody(member, operation, body, usageEdits, takesDefault)
  const mended = provider?.dropForeign?.(operation, spliced) ?? null
  if (mended?.dropped != null) leftOut.push(mended.dropped)
  exchange.dropped = leftOut
  const clientHeaders = appendModelRequestHeaders(head.names, head.values)
  return {
    method: 'POST',
    path: `${member.target.endpoint.basePath}${joinQuery(operationPath, head.query)}`,
    headers: buildHeaders(exchange, member, appendRequired(member, clientHeaders)),
    body: mended?.body ?? spliced,
  }
}

function readHeader({ names, values }: RequestHead, name: string): string | null {
  const at = names.indexOf(name)
  return at < 0 ? null : (values[at] ?? null)
}

/** What is sent is what was authorised: a list of other models beside `model` would be answered by one of them (D2). */
function refuseSteering({ provider }: BoundMember, { opening }: ModelBody): void {
  const fields = provider?.steeringFields
  const param = fields === undefined ? undefined : opening?.keys.find((key) => fields.has(key))
  if (param === undefined) return
  throw new GatewayError('unsupported_parameter', `${param} may lead to another model`, {
    publicText: `'${param}' is not supported here: 'model' alone says which model answers.`,
    param,
  })
}

/** The request as it came, path included, to a plain service. `body`: a stream, held bytes, or null for none. */
export function encodeServiceRequest(
  exchange: Exchange,
  member: BoundMember,
  body: Readable | Buffer | null,
): UpstreamRequest {
  const { head, route } = exchange
  if (head === null || route === null) throw new GatewayError('internal_error', 'service request without a head')
  const { rewritePrefix, match } = route.route
  let path = head.path
  if (rewritePrefix !== null && match.path !== '' && path.startsWith(match.path)) {
    const rest = match.path === '/' ? path : path.slice(match.path.length)
    path = `${rewritePrefix === '/' ? '' : rewritePrefix}${rest}` || '/'
  }
  const clientHeaders = appendServiceRequestHeaders(head.names, head.values)
  clientHeaders.push('x-forwarded-for', exchange.forwardedFor, 'x-forwarded-proto', exchange.forwardedProto)
  clientHeaders.push('x-forwarded-host', exchange.forwardedHost ?? head.authority)
  if (body !== null && !Buffer.isBuffer(body) && head.contentLength !== null) {
    clientHeaders.push('content-length', String(head.contentLength))
  }
  return {
    method: head.method,
    path: `${member.target.endpoint.basePath}${path}${head.query}`,
    headers: buildHeaders(exchange, member, clientHeaders),
    body,
  }
}

/** The headers of a request in the provider's own format: what the client says of its own format stays here. */
export function buildTranslatedHeaders(exchange: Exchange, member: BoundMember, own: readonly string[]): string[] {
  const headers = ['content-type', 'application/json', ...own]
  const { head } = exchange
  for (const name of tracingNames) {
    const at = head?.names.indexOf(name) ?? -1
    if (at >= 0) headers.push(name, head?.values[at] ?? '')
  }
  return buildHeaders(exchange, member, appendRequired(member, headers))
}

const tracingNames = ['traceparent', 'tracestate'] as const

function appendRequired({ provider }: BoundMember, headers: string[]): string[] {
  const required = provider?.requiredHeaders ?? []
  for (let at = 0; at < required.length; at += 2) {
    const name = required[at] ?? ''
    const isThere = headers.some((part, index) => index % 2 === 0 && part === name)
    if (!isThere) headers.push(name, required[at + 1] ?? '')
  }
  return headers
}

function buildHeaders(exchange: Exchange, member: BoundMember, clientHeaders: readonly string[]): string[] {
  const headers = [...member.fixedHeaders]
  const { withheldHeaders } = member
  for (let at = 0; at < clientHeaders.length; at += 2) {
    const name = clientHeaders[at] ?? ''
    if (withheldHeaders.size === 0 || !withheldHeaders.has(name)) headers.push(name, clientHeaders[at + 1] ?? '')
  }
  headers.push('x-request-id', exchange.id)
  return headers
}

/** The body as this target is to get it: its model name, its defaults. */
export function spliceModelBody(
  member: BoundMember,
  operation: Operation,
  body: ModelBody,
  usageEdits: readonly BodyEdit[] | null,
  takesDefault: (name: string) => boolean = () => true,
): Buffer {
  const { target } = member
  const edits: BodyEdit[] = []
  const defaults = body.opening === null ? undefined : target.parameters[operation]
  if (defaults !== undefined && body.opening !== null) {
    const { keys } = body.opening
    const members: string[] = []
    for (const parameter of defaults) {
      if (!parameter.unlessSet.some((name) => keys.includes(name)) && takesDefault(parameter.name)) {
        members.push(`${JSON.stringify(parameter.name)}:${parameter.json}`)
      }
    }
    const edit = insertMembers(body.opening, members)
    if (edit !== null) edits.push(edit)
  }
  // What is sent is what was authorised: the target's own name, never another one the client put into the body (D2).
  const upstreamModel = target.upstreamModel ?? target.modelName
  if (upstreamModel !== null && upstreamModel !== body.model) {
    if (body.modelEnd > 0) {
      edits.push({ start: body.modelStart, end: body.modelEnd, bytes: body.renderModel(upstreamModel) })
    } else if (body.opening !== null) {
      const { opening } = body
      const isEmpty = opening.isEmptyObject && edits.length === 0
      const text = `"model":${JSON.stringify(upstreamModel)}${isEmpty ? '' : ','}`
      edits.unshift({ start: opening.firstKeyOffset, end: opening.firstKeyOffset, bytes: text })
    }
  }
  if (usageEdits === null) return spliceBody(body.bytes, edits)
  return spliceBody(
    body.bytes,
    [...edits, ...usageEdits].sort((one, two) => one.start - two.start),
  )
}
