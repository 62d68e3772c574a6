// Steps 9 to 12 for a model: what is sent, and which relay an answer gets.
import { CredentialRefused } from '../errors/credential-refused.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { askUsage } from '../providers/openai-format/ask-usage.ts'
import { StreamTokenCounter } from '../providers/openai-format/stream-token-counter.ts'
import type { Operation } from '../providers/operation.ts'
import type { BoundMember, BoundRoute } from '../upstream/bound-route.ts'
import { encodeModelRequest, encodeServiceRequest, type ModelBody } from '../upstream/encode-request.ts'
import type { Exchange } from '../upstream/exchange.ts'
import { forward, type PreparedAttempt } from '../upstream/forward.ts'
import { createCall, translateModelRequest } from '../upstream/prepare-model-request.ts'
import type { Relay } from '../upstream/relay.ts'
import { RawRelay } from '../upstream/relay-raw.ts'
import { StreamRelay } from '../upstream/relay-stream.ts'
import { UnaryRelay } from '../upstream/relay-unary.ts'
import type { UpstreamHead } from '../upstream/upstream-head.ts'
import type { BodyEdit } from '../wire/splice.ts'
import { estimateRoom } from './estimate-room.ts'
import { isMetered } from './meter-usage.ts'
import { operationRules, usageOnRequest } from './surfaces/operations.ts'

export function forwardModel(
  exchange: Exchange,
  route: BoundRoute,
  operation: Operation,
  body: ModelBody,
  excluded: readonly BoundMember[] = [],
): Promise<void> {
  exchange.requestBytes = body.bytes
  exchange.prompt = body.prompt
  if (route.smallestWindow !== null) exchange.neededTokens = estimateRoom(route.smallestWindow, operation, body)
  return forward(exchange, route, {
    excluded,
    // Multipart uploads are large, and what they are for takes long by nature.
    isHedgeable: body.stream === null && body.opening !== null,
    prepare: (member) => prepareAttempt(exchange, member, operation, body),
  })
}

/** Anew for each target: one may speak the client's format, the next one another. */
function prepareAttempt(
  exchange: Exchange,
  member: BoundMember,
  operation: Operation,
  body: ModelBody,
): PreparedAttempt {
  const call = createCall(member, body)
  const path = member.provider?.operationPath(operation, call) ?? null
  if (path === null) {
    const { errorEvents } = operationRules[operation]
    const { request, createRelay } = translateModelRequest(exchange, member, operation, body, call, errorEvents)
    const chooseRelay = (head: UpstreamHead) => {
      checkCredential(head)
      return createRelay(head)
    }
    return { request, chooseRelay }
  }
  exchange.dropped = []
  const usageEdits = findUsageEdits(exchange, member, operation, body)
  return {
    request: encodeModelRequest(exchange, member, operation, path, body, usageEdits),
    chooseRelay: (head) => chooseModelRelay(exchange, operation, head, usageEdits !== null),
  }
}

/** What makes a stream say what it used where somebody will ask; null: the client's bytes do, or nobody asks. */
function findUsageEdits(
  exchange: Exchange,
  member: BoundMember,
  operation: Operation,
  { bytes, stream }: ModelBody,
): readonly BodyEdit[] | null {
  if (stream === null || !usageOnRequest.has(operation)) return null
  if (member.provider?.canAskUsage !== true || !isMetered(exchange, member)) return null
  return askUsage(bytes, stream)
}

/** A model name on the shared surface whose route leads to a plain service: the request goes on as it came. */
export function forwardHeldBody(exchange: Exchange, route: BoundRoute, bytes: Buffer): Promise<void> {
  return forward(exchange, route, {
    prepare: (member) => ({
      request: encodeServiceRequest(exchange, member, bytes),
      chooseRelay: () => new RawRelay(exchange),
    }),
  })
}

/**
 * The backend refused our credential, not the caller's: its words may quote ours, and a 401 would send the caller to
 * check a key that is right. Redirects are not followed.
 */
function checkCredential({ status }: UpstreamHead): void {
  if (status === 401 || status === 403 || status === 407) {
    throw new CredentialRefused(status)
  }
  if (status >= 300 && status < 400) throw new GatewayError('upstream_invalid_response', `redirect ${status}`)
}

function chooseModelRelay(exchange: Exchange, operation: Operation, head: UpstreamHead, hidesUsage: boolean): Relay {
  const { status, mediaType } = head
  const rules = operationRules[operation]
  checkCredential(head)
  if (status >= 400 && mediaType !== 'application/json') {
    throw new GatewayError('upstream_error', `status ${status}, ${mediaType}`)
  }
  // We ask for no encoding: a backend that compresses all the same did so unasked.
  if (mediaType === 'text/event-stream') {
    if (head.isEncoded) throw new GatewayError('upstream_invalid_response', 'compressed stream')
    const isCounted = rules.generatesText && isMetered(exchange, exchange.member)
    const tokens = isCounted ? new StreamTokenCounter(operation === 'completions' ? 'text' : 'delta') : null
    exchange.streamTokens = tokens
    return new StreamRelay(exchange, rules.streamEnd, rules.errorEvents, { hidesUsage, tokens })
  }
  if (mediaType === 'application/json') return head.isEncoded ? new RawRelay(exchange) : new UnaryRelay(exchange)
  if (rules.answersBytes) return new RawRelay(exchange)
  throw new GatewayError('upstream_invalid_response', `status ${status} with ${mediaType || 'no content type'}`)
}
