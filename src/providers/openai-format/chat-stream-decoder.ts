// A chat answer as a stream of an OpenAI-shaped server. https://platform.openai.com/docs/api-reference/chat-streaming
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { SseReader } from '../../wire/sse-reader.ts'
import type { StreamDecoder } from '../codec.ts'
import { ChoiceDecoder } from './choice-decoder.ts'
import { findOpenAiError } from './decode-error.ts'
import { decodeStart, readChoiceIndex } from './decode-start.ts'
import { decodeUsage } from './decode-usage.ts'

const doneMarker = '[DONE]'

export class ChatStreamDecoder implements StreamDecoder {
  isComplete = false
  readonly #reader = new SseReader()
  readonly #choices: (ChoiceDecoder | undefined)[] = []
  #seed: string | null = null
  #hasFailed = false

  push(chunk: Buffer): readonly AnswerEvent[] {
    const events: AnswerEvent[] = []
    for (const { data } of this.#reader.push(chunk)) {
      if (this.isComplete || this.#hasFailed) break
      if (data === doneMarker) this.#end(events)
      else if (data !== '') this.#read(data, events)
    }
    return events
  }

  #read(data: string, events: AnswerEvent[]): void {
    const chunk = parse(data)
    if (!isRecord(chunk)) throw new GatewayError('upstream_invalid_response', 'an event is no object')
    const error = findOpenAiError(chunk)
    if (error !== null) {
      this.#hasFailed = true
      events.push({ type: 'error', error })
      return
    }
    const choices: readonly unknown[] = Array.isArray(chunk.choices) ? chunk.choices : []
    for (const [position, said] of choices.entries()) {
      if (!isRecord(said)) continue
      this.#begin(chunk, events)
      const decoder = this.#decoderOf(readChoiceIndex(said.index, position))
      decoder.read(said, events)
      if (decoder.isFailed) {
        this.#hasFailed = true
        const message = `The model ended its answer with '${String(said.finish_reason)}'.`
        const failure = { status: 502, message, code: null, param: null, isContextOverflow: false }
        events.push({ type: 'error', error: failure })
        return
      }
    }
    // Last of several, and of whichever event: servers differ.
    const usage = decodeUsage(chunk)
    if (usage !== null) events.push({ type: 'usage', usage })
  }

  /** Azure's first event has filter results, and neither id nor model: it is none yet. */
  #begin(chunk: Readonly<Record<string, unknown>>, events: AnswerEvent[]): void {
    if (this.#seed !== null) return
    const { start, seed } = decodeStart(chunk)
    this.#seed = seed
    events.push(start)
  }

  #decoderOf(index: number): ChoiceDecoder {
    let decoder = this.#choices[index]
    if (decoder === undefined) {
      decoder = new ChoiceDecoder(index, this.#seed ?? '')
      this.#choices[index] = decoder
    }
    return decoder
  }

  #end(events: AnswerEvent[]): void {
    for (const decoder of this.#choices) decoder?.stop(null, null, events)
    this.isComplete = true
    events.push({ type: 'end' })
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new GatewayError('upstream_invalid_response', 'an event is no JSON', { cause })
  }
}
