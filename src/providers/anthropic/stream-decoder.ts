// Decodes a stream of Anthropic's events. https://docs.claude.com/en/docs/build-with-claude/streaming
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { SseReader } from '../../wire/sse-reader.ts'
import type { StreamDecoder } from '../codec.ts'
import { type JsonRecord, parseJsonText, readRecord, readText } from '../read-json.ts'
import { decodeStreamError } from './decode-error.ts'
import { decodeStopReason } from './decode-stop.ts'
import { decodeUsage, mergeUsage } from './decode-usage.ts'
import { readTextDelta } from './read-text-delta.ts'

/** What a block that is under way is; `call`: which of the calls. Null: one that has no word. */
type Block = Readonly<{ kind: 'plain' }> | Readonly<{ kind: 'call'; call: number }> | null

const none: readonly AnswerEvent[] = Object.freeze([])

export class MessageStreamDecoder implements StreamDecoder {
  isComplete = false
  readonly #reader = new SseReader()
  #usage: JsonRecord = {}
  #block: Block = null
  /** Of the call under way, a piece of its arguments has come. */
  #hasArguments = false
  #calls = 0
  #isStopped = false

  push(chunk: Buffer): readonly AnswerEvent[] {
    const messages = this.#reader.push(chunk)
    if (messages.length === 0 || this.isComplete) return none
    const events: AnswerEvent[] = []
    for (const { data } of messages) {
      if (this.isComplete) break
      const text = this.#block === null ? null : readTextDelta(data)
      if (text !== null) {
        this.#addText(text, 'text', events)
        continue
      }
      const event = parseJsonText(data)
      if (event === undefined) throw new GatewayError('upstream_invalid_response', 'an event is not JSON')
      this.#decode(readRecord(event), events)
    }
    return events
  }

  /** Events of types that are not known yet are to be passed over, https://docs.claude.com/en/api/versioning. */
  #decode(event: JsonRecord, out: AnswerEvent[]): void {
    switch (event.type) {
      case 'message_start': {
        const message = readRecord(event.message)
        out.push({ type: 'start', id: readText(message.id), model: readText(message.model), createdSeconds: null })
        // What it has put out by then is a beginning, and no count of what a cut stream has.
        this.#usage = { ...readRecord(message.usage), output_tokens: 0 }
        out.push({ type: 'usage', usage: decodeUsage(this.#usage) })
        return
      }
      case 'content_block_start':
        this.#beginBlock(readRecord(event.content_block), out)
        return
      case 'content_block_delta':
        this.#addDelta(readRecord(event.delta), out)
        return
      case 'content_block_stop':
        this.#endBlock(out)
        return
      case 'message_delta': {
        const { stop_reason: reason, stop_sequence: sequence } = readRecord(event.delta)
        this.#usage = mergeUsage(this.#usage, event.usage)
        out.push({ type: 'usage', usage: decodeUsage(this.#usage) })
        if (typeof reason !== 'string' || this.#isStopped) return
        this.#isStopped = true
        out.push({ type: 'stop', choice: 0, reason: decodeStopReason(reason), stopSequence: readText(sequence) })
        return
      }
      case 'message_stop':
        // Some servers of this format leave out why: an end like any other.
        if (!this.#isStopped) out.push({ type: 'stop', choice: 0, reason: 'stop', stopSequence: null })
        this.isComplete = true
        out.push({ type: 'end' })
        return
      case 'error':
        out.push({ type: 'error', error: decodeStreamError(event) })
        return
    }
  }

  #beginBlock(block: JsonRecord, out: AnswerEvent[]): void {
    this.#block = null
    switch (block.type) {
      case 'text':
        this.#block = { kind: 'plain' }
        this.#addText(block.text, 'text', out)
        return
      case 'thinking':
        this.#block = { kind: 'plain' }
        this.#addText(block.thinking, 'reasoning', out)
        return
      case 'redacted_thinking':
        this.#block = { kind: 'plain' }
        out.push({ type: 'redacted-reasoning', choice: 0, data: readText(block.data) ?? '' })
        return
      case 'tool_use': {
        const call = this.#calls++
        this.#block = { kind: 'call', call }
        this.#hasArguments = false
        const id = readText(block.id) ?? ''
        out.push({ type: 'tool-call', choice: 0, call, id, name: readText(block.name) ?? '', signature: null })
        const input = readRecord(block.input)
        // Whole at once, as some servers of this format send it.
        if (Object.keys(input).length > 0) this.#addArguments(call, JSON.stringify(input), out)
      }
    }
  }

  #addDelta(delta: JsonRecord, out: AnswerEvent[]): void {
    const block = this.#block
    if (block === null) return
    switch (delta.type) {
      case 'text_delta':
        this.#addText(delta.text, 'text', out)
        return
      case 'thinking_delta':
        this.#addText(delta.thinking, 'reasoning', out)
        return
      case 'signature_delta': {
        const signature = readText(delta.signature) ?? ''
        if (signature !== '') out.push({ type: 'reasoning-signature', choice: 0, signature })
        return
      }
      case 'input_json_delta':
        if (block.kind === 'call') this.#addArguments(block.call, readText(delta.partial_json) ?? '', out)
    }
  }

  #addText(text: unknown, type: 'text' | 'reasoning', out: AnswerEvent[]): void {
    if (typeof text === 'string' && text !== '') out.push({ type, choice: 0, text })
  }

  #addArguments(call: number, json: string, out: AnswerEvent[]): void {
    if (json === '') return
    this.#hasArguments = true
    out.push({ type: 'tool-arguments', choice: 0, call, json })
  }

  #endBlock(out: AnswerEvent[]): void {
    const block = this.#block
    if (block === null) return
    this.#block = null
    // A call without arguments is streamed without a piece.
    if (block.kind === 'call' && !this.#hasArguments) this.#addArguments(block.call, '{}', out)
    out.push({ type: 'part-end', choice: 0 })
  }
}
