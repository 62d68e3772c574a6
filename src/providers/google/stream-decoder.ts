// A stream of generateContent: server-sent events, each a GenerateContentResponse of what is new. There is no end marker:
// the answer is whole once every candidate has said why it stopped, and ends with the body, since usage may come behind.
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { SseReader } from '../../wire/sse-reader.ts'
import type { StreamDecoder } from '../codec.ts'
import { parseJsonText } from '../read-json.ts'
import { AnswerReader } from './answer-reader.ts'

export class GoogleStreamDecoder implements StreamDecoder {
  readonly #sse = new SseReader()
  readonly #reader = new AnswerReader()

  push(chunk: Buffer): readonly AnswerEvent[] {
    const messages = this.#sse.push(chunk)
    if (messages.length === 0) return []
    const events: AnswerEvent[] = []
    for (const { data } of messages) {
      const answer = parseJsonText(data)
      if (answer === undefined)
        throw new GatewayError('upstream_invalid_response', 'an event of the stream is not JSON')
      events.push(...this.#reader.read(answer))
    }
    return events
  }

  get isComplete(): boolean {
    return this.#reader.isStopped
  }

  finish(): readonly AnswerEvent[] {
    return this.isComplete ? [{ type: 'end' }] : []
  }
}
