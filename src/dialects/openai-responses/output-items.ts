// The output items of one answer, made of its events as they come: what is open, what is done, and the events of a stream
// that say so. Whether a stream or a whole answer is wanted, the items are the same.
// https://platform.openai.com/docs/api-reference/responses-streaming
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { CallItem } from './call-item.ts'
import { sealReasoning } from './encrypted-content.ts'
import { MessageItem } from './message-item.ts'
import { ReasoningItem } from './reasoning-item.ts'

/** Takes an event of the stream: its type, and its JSON members but `type` and `sequence_number`. */
export type Emit = (type: string, members: string) => void

export type ItemStatus = 'completed' | 'incomplete'

export class OutputItems {
  readonly #seed: string
  /** Is reasoning shown as a summary, which was asked for, or as itself. */
  readonly #isSummary: boolean
  /** Null: nobody listens. */
  readonly #emit: Emit | null
  /** The JSON of each item that is done, by its index. */
  readonly #done: string[] = []
  /** Indexes given away. */
  #count = 0
  #message: MessageItem | null = null
  #reasoning: ReasoningItem | null = null
  readonly #calls = new Map<number, CallItem>()
  /** The open part has ended. It is closed by what comes next, for the stop may say that it is not whole. */
  #isPartEnded = false

  constructor(seed: string, isSummary: boolean, emit: Emit | null) {
    this.#seed = seed
    this.#isSummary = isSummary
    this.#emit = emit
  }

  /** Events of the items only; others change nothing. */
  push(event: AnswerEvent): void {
    switch (event.type) {
      case 'text':
      case 'refusal':
        if (event.text !== '') this.#openMessage().append(event.type, event.text)
        break
      case 'logprobs':
        this.#message?.addLogprobs(event.content)
        break
      case 'reasoning':
        if (event.text !== '') this.#openReasoning().append(event.text)
        break
      case 'reasoning-signature':
        this.#openReasoning().encrypted = sealReasoning({ kind: 'signature', signature: event.signature })
        this.#isPartEnded = true
        break
      case 'redacted-reasoning':
        this.#addSealed(sealReasoning({ kind: 'redacted', data: event.data }))
        break
      case 'tool-call':
        this.#openCall(event)
        break
      case 'tool-arguments':
        this.#findCall(event.call).append(event.json)
        break
      case 'part-end':
        this.#isPartEnded = true
        break
      default:
    }
  }

  /** Nothing more comes. `status`: of what is still open. */
  close(status: ItemStatus): void {
    this.#isPartEnded = false
    if (this.#message !== null) this.#finish(this.#message, status)
    if (this.#reasoning !== null) this.#finish(this.#reasoning, status)
    for (const call of this.#calls.values()) if (!call.isDone) this.#finish(call, status)
    this.#message = null
    this.#reasoning = null
  }

  /** The JSON of all items; those still open as they are. */
  list(): readonly string[] {
    const items = [...this.#done]
    for (const item of [this.#message, this.#reasoning, ...this.#calls.values()]) {
      if (item !== null) items[item.index] ??= item.render('incomplete')
    }
    return items
  }

  #openMessage(): MessageItem {
    if (this.#message === null) {
      if (this.#reasoning !== null || this.#hasOpenCall()) this.close('completed')
      const index = this.#count++
      this.#message = new MessageItem(`msg_${this.#seed}${index}`, index, this.#emit)
    } else if (this.#isPartEnded) {
      this.#message.endPart()
    }
    this.#isPartEnded = false
    return this.#message
  }

  #openReasoning(): ReasoningItem {
    if (this.#isPartEnded || this.#message !== null || this.#hasOpenCall()) this.close('completed')
    if (this.#reasoning === null) {
      const index = this.#count++
      this.#reasoning = new ReasoningItem(`rs_${this.#seed}${index}`, index, this.#isSummary, this.#emit)
    }
    return this.#reasoning
  }

  #addSealed(encrypted: string): void {
    this.close('completed')
    this.#openReasoning().encrypted = encrypted
    this.close('completed')
  }

  #openCall({ call, id, name, signature }: Extract<AnswerEvent, { type: 'tool-call' }>): void {
    if (signature !== null) this.#addSealed(sealReasoning({ kind: 'call', callId: id, signature }))
    else if (this.#isPartEnded || this.#message !== null || this.#reasoning !== null) this.close('completed')
    const index = this.#count++
    this.#calls.set(call, new CallItem(`fc_${this.#seed}${index}`, index, id, name, this.#emit))
  }

  #findCall(call: number): CallItem {
    const found = this.#calls.get(call)
    if (found === undefined || found.isDone) {
      throw new GatewayError('upstream_invalid_response', `arguments of call ${call}, which is not open`)
    }
    return found
  }

  #hasOpenCall(): boolean {
    for (const call of this.#calls.values()) if (!call.isDone) return true
    return false
  }

  #finish(item: MessageItem | ReasoningItem | CallItem, status: ItemStatus): void {
    item.end(status)
    this.#done[item.index] = item.render(status)
    this.#emit?.('response.output_item.done', `"output_index":${item.index},"item":${this.#done[item.index]}`)
  }
}
