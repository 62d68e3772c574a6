// A stream of ConverseStream as events, out of AWS's binary frames.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { AwsEventStreamReader, type EventStreamMessage } from '../../wire/aws-event-stream.ts'
import type { StreamDecoder } from '../codec.ts'
import { type JsonRecord, parseJsonText, readRecord, readText } from '../read-json.ts'
import { decodeStreamError } from './decode-error.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { readUsage } from './read-usage.ts'

const choice = 0
const none: readonly AnswerEvent[] = Object.freeze([])

export class ConverseStreamDecoder implements StreamDecoder {
  /** From `messageStop` on: all that can come after it is what was used. */
  isComplete = false
  readonly #reader = new AwsEventStreamReader()
  #hasEnded = false
  #hasUsage = false
  #calls = 0
  /** By the index of its block: a tool call under way, and whether any of its arguments have come. */
  readonly #open = new Map<unknown, { call: number; hasArguments: boolean }>()

  push(chunk: Buffer): readonly AnswerEvent[] {
    if (this.#hasEnded) return none
    const messages = this.#reader.push(chunk)
    if (messages.length === 0) return none
    const events: AnswerEvent[] = []
    for (const message of messages) if (!this.#hasEnded) this.#read(message, events)
    return events
  }

  finish(): readonly AnswerEvent[] {
    return this.isComplete && !this.#hasEnded ? [{ type: 'end' }] : none
  }

  #read({ headers, payload }: EventStreamMessage, events: AnswerEvent[]): void {
    const kind = headers.get(':message-type')
    if (kind === 'exception' || kind === 'error') {
      const name = headers.get(kind === 'exception' ? ':exception-type' : ':error-code')
      const said = readText(headers.get(':error-message'))
      const error = decodeStreamError(String(name ?? 'unknown'), parseJsonText(payload.toString()), said)
      events.push({ type: 'error', error })
      return
    }
    const event = parseJsonText(payload.toString())
    if (kind !== 'event' || !isRecord(event)) {
      throw new GatewayError('upstream_invalid_response', 'a message of the stream is no event')
    }
    this.#fold(String(headers.get(':event-type')), event, events)
  }

  /** Names that are new are left alone: AWS adds to them. */
  #fold(name: string, event: JsonRecord, events: AnswerEvent[]): void {
    if (name === 'messageStart') events.push({ type: 'start', id: null, model: null, createdSeconds: null })
    else if (name === 'contentBlockStart') this.#startBlock(event, events)
    else if (name === 'contentBlockDelta') this.#addDelta(event, events)
    else if (name === 'contentBlockStop') this.#stopBlock(event, events)
    else if (name === 'messageStop') this.#stop(event, events)
    else if (name === 'metadata') {
      this.#hasUsage = true
      events.push({ type: 'usage', usage: readUsage(event.usage) })
    }
    if (this.isComplete && this.#hasUsage) {
      this.#hasEnded = true
      events.push({ type: 'end' })
    }
  }

  #startBlock(event: JsonRecord, events: AnswerEvent[]): void {
    const { toolUse } = readRecord(event.start)
    if (!isRecord(toolUse)) return
    const id = readText(toolUse.toolUseId)
    const name = readText(toolUse.name)
    if (id === null || name === null)
      throw new GatewayError('upstream_invalid_response', 'a tool use without id or name')
    const call = this.#calls++
    this.#open.set(event.contentBlockIndex, { call, hasArguments: false })
    events.push({ type: 'tool-call', choice, call, id, name, signature: null })
  }

  #addDelta(event: JsonRecord, events: AnswerEvent[]): void {
    const { text, toolUse, reasoningContent } = readRecord(event.delta)
    if (typeof text === 'string') {
      if (text !== '') events.push({ type: 'text', choice, text })
    } else if (isRecord(toolUse)) {
      const open = this.#open.get(event.contentBlockIndex)
      if (open === undefined || typeof toolUse.input !== 'string' || toolUse.input === '') return
      open.hasArguments = true
      events.push({ type: 'tool-arguments', choice, call: open.call, json: toolUse.input })
    } else if (isRecord(reasoningContent)) addReasoning(reasoningContent, events)
  }

  #stopBlock(event: JsonRecord, events: AnswerEvent[]): void {
    const open = this.#open.get(event.contentBlockIndex)
    this.#open.delete(event.contentBlockIndex)
    // A tool without arguments sends none, not even an empty object.
    if (open?.hasArguments === false) events.push({ type: 'tool-arguments', choice, call: open.call, json: '{}' })
    events.push({ type: 'part-end', choice })
  }

  #stop(event: JsonRecord, events: AnswerEvent[]): void {
    const said = readText(event.stopReason) ?? ''
    const reason = mapStopReason(said)
    if (reason === null) {
      events.push({ type: 'error', error: decodeStreamError(said, null, `The model stopped with ${said}.`) })
      return
    }
    const { delta } = readRecord(event.additionalModelResponseFields)
    this.isComplete = true
    events.push({ type: 'stop', choice, reason, stopSequence: readText(readRecord(delta).stop_sequence) })
  }
}

function addReasoning(content: JsonRecord, events: AnswerEvent[]): void {
  const { text, signature, redactedContent } = content
  if (typeof redactedContent === 'string') events.push({ type: 'redacted-reasoning', choice, data: redactedContent })
  else if (typeof signature === 'string') events.push({ type: 'reasoning-signature', choice, signature })
  else if (typeof text === 'string' && text !== '') events.push({ type: 'reasoning', choice, text })
}
