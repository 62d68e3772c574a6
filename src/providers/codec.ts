// How a provider's own format is spoken: encode what is asked, decode what is answered. Pure functions and decoders.
import type { AnswerEvent, AnswerUsage, BackendError } from '../conversation/answer-event.ts'
import type { Conversation } from '../conversation/conversation.ts'
import type { Feature } from '../conversation/feature.ts'
import type { Call } from './provider.ts'

/** One request in the provider's format. `path`: after the endpoint's base path. `headers`: flat name/value pairs. */
export type EncodedCall = Readonly<{
  path: string
  headers: readonly string[]
  body: string | Buffer
  /** Of a single question: hints it has left out, in the client's own names. */
  dropped?: readonly string[]
}>

/** Decodes one stream, in whatever pieces it comes. */
export interface StreamDecoder {
  /**
   * Takes the next bytes; returns the events that are whole, an empty list for none.
   * Throws GatewayError `upstream_invalid_response` for what is no stream of this provider, or an event over the cap.
   */
  push(chunk: Buffer): readonly AnswerEvent[]
  /** The protocol's own end (an `end` event) has been returned: the answer is whole, whatever comes now. */
  readonly isComplete: boolean
  /**
   * Of protocols without an end marker, where something (usage) may still come when the answer is whole (`isComplete`,
   * no `end` yet): called once, when the body has ended; returns the last events, `end` among them.
   */
  finish?(): readonly AnswerEvent[]
}

export type ChatCodec = Readonly<{
  /** What of `Feature` it can carry; the rest is refused, dropped or left out before `encode` sees it. */
  features: ReadonlySet<Feature>
  /** Media type of its streams, in lower case. */
  streamMediaType: string
  /** Throws UnsupportedFeature for a value that it can't carry. */
  encode(conversation: Conversation, call: Call): EncodedCall
  /**
   * A good unary answer, parsed from JSON; an `error` event alone where it is good by its status only. Throws
   * GatewayError `upstream_invalid_response` where it is none of its.
   */
  decodeAnswer(answer: unknown, call: Call): readonly AnswerEvent[]
  createStreamDecoder(call: Call): StreamDecoder
  /** An answer of 400 and more. `body`: as it came, perhaps no JSON, perhaps empty. `headers`: flat, names in lower case. */
  decodeError(status: number, body: string, headers?: readonly string[]): BackendError
  /** The same conversations, but only counted: its answers are a `usage` of the input and `end`. Left out: it can't. */
  tokenCounter?: ChatCodec
}>

/** An operation with one answer: OpenAI's (or Cohere's rerank) JSON in, the provider's out, and back. */
export type UnaryCodec = Readonly<{
  /** `request`: the client's JSON object. Throws GatewayError `invalid_request` and `unsupported_parameter`. */
  encode(request: Readonly<Record<string, unknown>>, call: Call): EncodedCall
  /**
   * `text`: the JSON body for the client. `headers`: the answer's, flat, names in lower case. Throws GatewayError
   * `upstream_invalid_response`.
   */
  decode(
    answer: unknown,
    request: Readonly<Record<string, unknown>>,
    call: Call,
    headers?: readonly string[],
  ): Readonly<{ text: string; usage: AnswerUsage | null }>
  decodeError(status: number, body: string, headers?: readonly string[]): BackendError
}>
