// Renders a stream as Anthropic's events: blocks strictly one after another, each begun and ended, counted from 0.
// https://docs.claude.com/en/docs/build-with-claude/streaming
import { assertNever } from '../../assert-never.ts'
import type { AnswerEvent, AnswerUsage, StopReason } from '../../conversation/answer-event.ts'
import type { RenderContext, StreamRenderer } from '../conversation-api.ts'
import { writeGeminiSignature } from './gemini-signature.ts'
import { JsonProgress } from './json-progress.ts'
import { noUsage, renderCallId, renderHead, renderStopReason, renderUsage } from './render-message.ts'

type OpenBlock =
  | Readonly<{ kind: 'text' | 'thinking' }>
  | Readonly<{ kind: 'tool_use'; call: number; progress: JsonProgress }>

type ToolCall = Extract<AnswerEvent, { type: 'tool-call' }>

export class MessageStreamRenderer implements StreamRenderer {
  readonly #context: RenderContext
  #out = ''
  #hasStarted = false
  #open: OpenBlock | null = null
  #index = 0
  #usage: AnswerUsage = noUsage
  #stop: Readonly<{ reason: StopReason; stopSequence: string | null }> = { reason: 'stop', stopSequence: null }
  /** Calls that began while another was under way: the API has no two blocks at once. */
  #waiting: { call: ToolCall; json: string }[] = []

  constructor(context: RenderContext) {
    this.#context = context
  }

  render(events: readonly AnswerEvent[]): string {
    this.#out = ''
    // What is known of the input belongs into the first event, which is made before the rest is looked at.
    if (!this.#hasStarted) this.#usage = events.findLast((event) => event.type === 'usage')?.usage ?? this.#usage
    for (const event of events) if (!('choice' in event) || event.choice === 0) this.#render(event)
    return this.#out
  }

  #render(event: AnswerEvent): void {
    switch (event.type) {
      case 'start':
        this.#start(event.id, event.model)
        return
      case 'text':
      case 'refusal':
        this.#openPlain('text')
        this.#delta('text_delta', 'text', event.text)
        return
      case 'reasoning':
        this.#openPlain('thinking')
        this.#delta('thinking_delta', 'thinking', event.text)
        return
      case 'reasoning-signature':
        this.#openPlain('thinking')
        this.#delta('signature_delta', 'signature', event.signature)
        this.#close()
        return
      case 'redacted-reasoning':
        this.#closeAll()
        this.#begin({ type: 'redacted_thinking', data: event.data })
        this.#end()
        return
      case 'tool-call':
        this.#addCall(event)
        return
      case 'tool-arguments':
        this.#addArguments(event.call, event.json)
        return
      case 'part-end':
        this.#endPart()
        return
      case 'stop':
        this.#closeAll()
        this.#stop = event
        return
      case 'usage':
        this.#usage = event.usage
        return
      case 'end':
        this.#finish()
        return
      case 'logprobs':
      case 'error':
        return
      default:
        assertNever(event)
    }
  }

  #start(id: string | null, model: string | null): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    const message = {
      ...renderHead(id, model, this.#context),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: renderUsage(this.#usage),
    }
    this.#write('message_start', { type: 'message_start', message })
  }

  #openPlain(kind: 'text' | 'thinking'): void {
    if (this.#open?.kind === kind) return
    this.#closeAll()
    this.#begin(kind === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' })
    this.#open = { kind }
  }

  #addCall(call: ToolCall): void {
    const open = this.#open
    if (open?.kind === 'tool_use' && !open.progress.isWhole) this.#waiting.push({ call, json: '' })
    else this.#openCall(call)
  }

  #addArguments(call: number, json: string): void {
    const open = this.#open
    if (open?.kind === 'tool_use' && open.call === call) {
      if (json !== '') this.#delta('input_json_delta', 'partial_json', json)
      open.progress.push(json)
      if (open.progress.isWhole && this.#waiting.length > 0) this.#openWaiting()
      return
    }
    const waiting = this.#waiting.find(({ call: { call: number } }) => number === call)
    if (waiting !== undefined) waiting.json += json
  }

  /** The next one, and those behind it as far as all before them are whole. */
  #openWaiting(): void {
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#openCall(next.call)
    if (next.json !== '') this.#addArguments(next.call.call, next.json)
  }

  #openCall({ call, id, name, signature }: ToolCall): void {
    this.#close()
    if (signature !== null) {
      this.#begin({ type: 'thinking', thinking: '', signature: '' })
      this.#delta('signature_delta', 'signature', writeGeminiSignature(signature))
      this.#end()
    }
    this.#begin({ type: 'tool_use', id: renderCallId(id), name, input: {} })
    this.#open = { kind: 'tool_use', call, progress: new JsonProgress() }
  }

  #close(): void {
    if (this.#open !== null) this.#end()
    this.#open = null
  }

  /** Of calls that are interleaved one has ended, and others may go on. */
  #endPart(): void {
    if (this.#waiting.length === 0) this.#close()
    else if (this.#open?.kind === 'tool_use' && this.#open.progress.isWhole) this.#openWaiting()
  }

  /** Nothing more comes for any call. */
  #closeAll(): void {
    while (this.#waiting.length > 0) this.#openWaiting()
    this.#close()
  }

  #finish(): void {
    this.#closeAll()
    this.#start(null, null)
    const { reason, stopSequence } = this.#stop
    const delta = { stop_reason: renderStopReason(reason), stop_sequence: stopSequence }
    this.#write('message_delta', { type: 'message_delta', delta, usage: renderUsage(this.#usage) })
    this.#write('message_stop', { type: 'message_stop' })
  }

  #begin(block: object): void {
    this.#start(null, null)
    this.#write('content_block_start', { type: 'content_block_start', index: this.#index, content_block: block })
  }

  /** Most of a stream is these: written around their one text, which takes half the time of an object's. */
  #delta(type: string, field: string, text: string): void {
    const head = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index}`
    this.#out += `${head},"delta":{"type":"${type}","${field}":${JSON.stringify(text)}}}\n\n`
  }

  #end(): void {
    this.#write('content_block_stop', { type: 'content_block_stop', index: this.#index })
    this.#index++
  }

  #write(name: string, event: object): void {
    this.#out += `event: ${name}\ndata: ${JSON.stringify(event)}\n\n`
  }
}
