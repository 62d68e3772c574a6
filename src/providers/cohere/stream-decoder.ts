// A stream of Cohere's chat as events. https://docs.cohere.com/reference/chat-stream, …/docs/streaming
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { SseReader } from '../../wire/sse-reader.ts'
import type { StreamDecoder } from '../codec.ts'
import { type JsonRecord, parseJsonText, readRecord, readText } from '../read-json.ts'
import { createCohereError } from './decode-error.ts'
import { mapFinishReason } from './map-finish-reason.ts'
import { readLogprobs } from './read-logprobs.ts'
import { readUsage } from './read-usage.ts'

const choice = 0
const none: readonly AnswerEvent[] = Object.freeze([])

export class CohereStreamDecoder implements StreamDecoder {
  isComplete = false
  readonly #reader = new SseReader()
  #calls = 0
  /** Arguments of the call under way have come. */
  #hasArguments = false

  push(chunk: Buffer): readonly AnswerEvent[] {
    if (this.isComplete) return none
    const messages = this.#reader.push(chunk)
    if (messages.length === 0) return none
    const events: AnswerEvent[] = []
    for (const { data } of messages) {
      if (this.isComplete || data === '[DONE]') continue
      const event = parseJsonText(data)
      if (!isRecord(event)) throw new GatewayError('upstream_invalid_response', 'an event of the stream is no object')
      this.#fold(event, events)
    }
    return events
  }

  /** Types that are new are left alone, as citations are: no client API has a place for them. */
  #fold(event: JsonRecord, events: AnswerEvent[]): void {
    const message = readRecord(readRecord(event.delta).message)
    switch (event.type) {
      case 'message-start':
        events.push({ type: 'start', id: readText(event.id), model: null, createdSeconds: null })
        return
      case 'content-start':
      case 'content-delta':
        addContent(readRecord(message.content), events)
        addLogprobs(event.logprobs, events)
        return
      case 'content-end':
        events.push({ type: 'part-end', choice })
        return
      case 'tool-plan-delta':
        addText('reasoning', message.tool_plan, events)
        return
      case 'tool-call-start':
        this.#startCall(readRecord(message.tool_calls), events)
        return
      case 'tool-call-delta':
        this.#addArguments(readRecord(message.tool_calls), events)
        return
      case 'tool-call-end':
        this.#endCall(events)
        return
      case 'message-end':
        this.#end(readRecord(event.delta), events)
        return
      case undefined:
        // What an error looks like elsewhere, in the middle of a stream.
        events.push({ type: 'error', error: createCohereError(500, readText(event.message)) })
    }
  }

  #startCall(call: JsonRecord, events: AnswerEvent[]): void {
    const name = readText(readRecord(call.function).name)
    const id = readText(call.id)
    if (id === null || name === null)
      throw new GatewayError('upstream_invalid_response', 'a tool call without id or name')
    events.push({ type: 'tool-call', choice, call: this.#calls++, id, name, signature: null })
    this.#hasArguments = false
    this.#addArguments(call, events)
  }

  #addArguments(call: JsonRecord, events: AnswerEvent[]): void {
    const json = readText(readRecord(call.function).arguments) ?? ''
    if (json === '' || this.#calls === 0) return
    this.#hasArguments = true
    events.push({ type: 'tool-arguments', choice, call: this.#calls - 1, json })
  }

  #endCall(events: AnswerEvent[]): void {
    // A tool without arguments sends none, not even an empty object.
    if (!this.#hasArguments && this.#calls > 0) {
      events.push({ type: 'tool-arguments', choice, call: this.#calls - 1, json: '{}' })
    }
    events.push({ type: 'part-end', choice })
  }

  #end(delta: JsonRecord, events: AnswerEvent[]): void {
    const said = readText(delta.finish_reason) ?? 'ERROR'
    const reason = mapFinishReason(said)
    if (reason === null) {
      const status = said === 'TIMEOUT' ? 504 : 500
      events.push({ type: 'error', error: createCohereError(status, readText(delta.error)) })
      return
    }
    this.isComplete = true
    events.push({ type: 'stop', choice, reason, stopSequence: null })
    events.push({ type: 'usage', usage: readUsage(delta.usage) }, { type: 'end' })
  }
}

function addContent({ text, thinking }: JsonRecord, events: AnswerEvent[]): void {
  addText('reasoning', thinking, events)
  addText('text', text, events)
}

function addText(type: 'text' | 'reasoning', text: unknown, events: AnswerEvent[]): void {
  if (typeof text === 'string' && text !== '') events.push({ type, choice, text })
}

function addLogprobs(item: unknown, events: AnswerEvent[]): void {
  const content = readLogprobs(item)
  if (content.length > 0) events.push({ type: 'logprobs', choice, content })
}
