// What a client API that talks to text models is to the rest of the gateway: parse what it asks, render what it is told.
// Pure: no I/O, no clock, no chance; what varies comes in by the context.
import type { AnswerEvent } from '../conversation/answer-event.ts'
import type { ParsedRequest } from '../conversation/conversation.ts'
import type { GatewayError } from '../errors/gateway-error.ts'

export type RenderContext = Readonly<{
  request: ParsedRequest
  /** Unique and short, letters and digits: what ids of answers and parts are made of. */
  seed: string
  createdSeconds: number
}>

/** Renders one stream. Stateful; never called again after `end` or an error. */
export interface StreamRenderer {
  /** The text of the events (SSE, whole events), empty for none. */
  render(events: readonly AnswerEvent[]): string
  /** The events that end a failed stream, where they must follow on from what was rendered. Absent: the API's plain one. */
  renderError?(error: GatewayError): string
}

export type ConversationApi = Readonly<{
  /**
   * Parses a body that is known to be a JSON object. Throws GatewayError: `invalid_request` with `param` for what this
   * API does not allow, `unsupported_parameter` for what only its own vendor's servers can hold (stored conversations).
   */
  parse(body: Buffer): ParsedRequest
  /** The JSON body of a unary answer. `events` end with `end`, and hold no `error`. */
  renderAnswer(events: readonly AnswerEvent[], context: RenderContext): string
  createStreamRenderer(context: RenderContext): StreamRenderer
}>
