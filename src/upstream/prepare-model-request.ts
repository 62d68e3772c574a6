// How one request goes to one target and how its answer comes back: as it is, where the provider speaks the client's
// format; translated, where it does not; refused by name, where it can't.

import type { JsonObject } from '../conversation/conversation.ts'
import type { ConversationApi, RenderContext } from '../dialects/conversation-api.ts'
import { conversationApis } from '../dialects/index.ts'
import type { ErrorEventStyle } from '../errors/dialect.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { isRecord } from '../is-record.ts'
import type { ChatCodec, EncodedCall, UnaryCodec } from '../providers/codec.ts'
import type { Operation } from '../providers/operation.ts'
import type { Call } from '../providers/provider.ts'
import { refuseStream } from './backend-refusal.ts'
import type { BoundMember } from './bound-route.ts'
import { buildTranslatedHeaders, type ModelBody, spliceModelBody } from './encode-request.ts'
import type { Exchange } from './exchange.ts'
import { encodeFitted } from './fit-conversation.ts'
import type { Relay } from './relay.ts'
import { TranslatedStreamRelay } from './relay-translated-stream.ts'
import { TranslatedUnaryRelay } from './relay-translated-unary.ts'
import { parseJson } from './token-usage.ts'
import type { UpstreamHead } from './upstream-head.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** `null`: this target's provider speaks the client's own format for it. */
export type Translated = Readonly<{ request: UpstreamRequest; createRelay: (head: UpstreamHead) => Relay }>

export function createCall(member: BoundMember, body: ModelBody): Call {
  const { target } = member
  return {
    model: target.upstreamModel ?? target.modelName ?? body.model ?? '',
    isStream: body.stream !== null,
    basePath: target.endpoint.basePath,
    maxOutputTokens: target.maxOutputTokens,
    apiVersion: target.apiVersion ?? null,
  }
}

/** Throws `unsupported_parameter` where the provider can't do this at all, or not with what the request asks. */
export function translateModelRequest(
  exchange: Exchange,
  member: BoundMember,
  operation: Operation,
  body: ModelBody,
  call: Call,
  errorEvents: ErrorEventStyle,
): Translated {
  const { provider } = member
  const chat = (operation === 'messages/count_tokens' ? provider?.chat?.tokenCounter : provider?.chat) ?? null
  const api = conversationApis[operation]
  if (chat !== null && api !== undefined) {
    return translateConversation(exchange, member, { operation, body, call, api, chat, errorEvents })
  }
  const unary = provider?.unary[operation]
  if (unary !== undefined) return translateUnary(exchange, member, operation, body, call, unary)
  throw new GatewayError('unsupported_parameter', `${member.target.id} has no ${operation}`, {
    publicText: `This model does not offer ${operation}.`,
  })
}

type ConversationCall = Readonly<{
  operation: Operation
  body: ModelBody
  call: Call
  api: ConversationApi
  chat: ChatCodec
  errorEvents: ErrorEventStyle
}>

function translateConversation(exchange: Exchange, member: BoundMember, plan: ConversationCall): Translated {
  const { operation, body, call, api, chat, errorEvents } = plan
  // With the target's own name and defaults in it: what is parsed is what this target would get.
  const request = api.parse(spliceModelBody(member, operation, body, null))
  const { encoded, dropped } = encodeFitted(request, chat, call, canDrop(exchange, member))
  exchange.dropped = dropped
  const context: RenderContext = {
    request,
    seed: exchange.answerSeed,
    createdSeconds: Math.floor(Date.now() / 1000),
  }
  return {
    request: createRequest(exchange, member, encoded, call.isStream ? chat.streamMediaType : 'application/json'),
    createRelay: (head) => {
      if (head.status < 400 && head.mediaType === chat.streamMediaType && call.isStream) {
        if (head.isEncoded) throw new GatewayError('upstream_invalid_response', 'compressed stream')
        const decoder = chat.createStreamDecoder(call)
        return new TranslatedStreamRelay(exchange, decoder, api.createStreamRenderer(context), errorEvents)
      }
      if (head.status < 400 && call.isStream) {
        throw new GatewayError(
          'upstream_invalid_response',
          `${head.mediaType || 'no content type'} instead of a stream`,
        )
      }
      return new TranslatedUnaryRelay(exchange, {
        decode: (answer) => {
          const events = chat.decodeAnswer(answer, call)
          const failure = events.find((event) => event.type === 'error')
          if (failure !== undefined) throw refuseStream(failure.error)
          const reported = events.findLast((event) => event.type === 'usage')
          // To count is to use nothing.
          const usage = operation === 'messages/count_tokens' ? null : (reported?.usage ?? null)
          return { text: api.renderAnswer(events, context), usage }
        },
        decodeError: chat.decodeError,
      })
    },
  }
}

function translateUnary(
  exchange: Exchange,
  member: BoundMember,
  operation: Operation,
  body: ModelBody,
  call: Call,
  codec: UnaryCodec,
): Translated {
  const parsed = parseJson(spliceModelBody(member, operation, body, null).toString())
  if (!isRecord(parsed)) throw new GatewayError('invalid_json')
  const { encoded, asked, dropped } = encodeUnary(codec, parsed, call, canDrop(exchange, member))
  exchange.dropped = dropped
  return {
    request: createRequest(exchange, member, encoded, 'application/json'),
    createRelay: () =>
      new TranslatedUnaryRelay(exchange, {
        decode: (answer, headers) => codec.decode(answer, asked, call, headers),
        decodeError: codec.decodeError,
      }),
  }
}

/** What a single question is about: nobody would expect an answer to a part of it. */
const unaryContents: ReadonlySet<string> = new Set([
  'model',
  'input',
  'query',
  'documents',
  'messages',
  'system',
  'tools',
])

/** Throws `unsupported_parameter`. `asked`: without what was dropped, by name, because it is said to be. */
function encodeUnary(
  codec: UnaryCodec,
  request: JsonObject,
  call: Call,
  mayDrop: boolean,
): Readonly<{ encoded: EncodedCall; asked: JsonObject; dropped: readonly string[] }> {
  const dropped: string[] = []
  let asked = request
  for (;;) {
    try {
      const encoded = codec.encode(asked, call)
      return { encoded, asked, dropped: [...dropped, ...(encoded.dropped ?? [])] }
    } catch (error) {
      const param = error instanceof GatewayError && error.code === 'unsupported_parameter' ? error.param : null
      if (!mayDrop || param === null || unaryContents.has(param) || !Object.hasOwn(asked, param)) throw error
      dropped.push(param)
      const { [param]: _, ...rest } = asked
      asked = rest
    }
  }
}

function createRequest(exchange: Exchange, member: BoundMember, encoded: EncodedCall, accept: string): UpstreamRequest {
  const { path, headers, body } = encoded
  return {
    method: 'POST',
    path: `${member.target.endpoint.basePath}${path}`,
    headers: buildTranslatedHeaders(exchange, member, ['accept', accept, 'accept-encoding', 'identity', ...headers]),
    body: typeof body === 'string' ? Buffer.from(body) : body,
  }
}

/** Said by the client for this request, or by the model's object for all. */
function canDrop({ head }: Exchange, { target }: BoundMember): boolean {
  if (target.unsupportedParameters === 'Drop') return true
  const at = head?.names.indexOf('x-sluice-unsupported-parameters') ?? -1
  return at >= 0 && head?.values[at]?.toLowerCase() === 'drop'
}
