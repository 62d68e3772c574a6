// An output item of type `message`: parts of text and refusals, one after another.
// https://platform.openai.com/docs/api-reference/responses/object#responses-object-output
import type { TokenLogprob } from '../../conversation/answer-event.ts'
import type { Emit, ItemStatus } from './output-items.ts'

type Kind = 'text' | 'refusal'
type OpenPart = { readonly kind: Kind; readonly place: string; text: string; logprobs: string[] }

export class MessageItem {
  readonly id: string
  readonly index: number
  readonly #emit: Emit | null
  /** The JSON of each part that is done. */
  readonly #parts: string[] = []
  #part: OpenPart | null = null

  constructor(id: string, index: number, emit: Emit | null) {
    this.id = id
    this.index = index
    this.#emit = emit
    emit?.(
      'response.output_item.added',
      `"output_index":${index},"item":{"id":"${id}","type":"message","status":"in_progress","role":"assistant","content":[]}`,
    )
  }

  append(kind: Kind, text: string): void {
    if (this.#part !== null && this.#part.kind !== kind) this.endPart()
    const part = this.#part ?? this.#openPart(kind)
    part.text += text
    if (this.#emit === null) return
    const members = `${part.place},"delta":${JSON.stringify(text)}`
    if (kind === 'refusal') this.#emit('response.refusal.delta', members)
    else this.#emit('response.output_text.delta', `${members},"logprobs":[]`)
  }

  /** Of the text just said, which a delta of its own brings: the text is not held back for it. */
  addLogprobs(content: readonly TokenLogprob[]): void {
    const part = this.#part ?? this.#openPart('text')
    if (part.kind !== 'text' || content.length === 0) return
    const rendered = content.map(renderLogprob)
    part.logprobs.push(...rendered)
    this.#emit?.('response.output_text.delta', `${part.place},"delta":"","logprobs":[${rendered.join(',')}]`)
  }

  endPart(): void {
    const part = this.#part
    if (part === null) return
    this.#part = null
    const json = renderPart(part)
    this.#parts.push(json)
    if (this.#emit === null) return
    const text = JSON.stringify(part.text)
    if (part.kind === 'refusal') this.#emit('response.refusal.done', `${part.place},"refusal":${text}`)
    else {
      this.#emit('response.output_text.done', `${part.place},"text":${text},"logprobs":[${part.logprobs.join(',')}]`)
    }
    this.#emit('response.content_part.done', `${part.place},"part":${json}`)
  }

  end(_status: ItemStatus): void {
    this.endPart()
  }

  render(status: ItemStatus): string {
    const parts = this.#part === null ? this.#parts : [...this.#parts, renderPart(this.#part)]
    return `{"id":"${this.id}","type":"message","status":"${status}","role":"assistant","content":[${parts.join(',')}]}`
  }

  #openPart(kind: Kind): OpenPart {
    const place = `"item_id":"${this.id}","output_index":${this.index},"content_index":${this.#parts.length}`
    const part: OpenPart = { kind, place, text: '', logprobs: [] }
    this.#part = part
    this.#emit?.('response.content_part.added', `${place},"part":${renderPart(part)}`)
    return part
  }
}

function renderPart({ kind, text, logprobs }: OpenPart): string {
  if (kind === 'refusal') return `{"type":"refusal","refusal":${JSON.stringify(text)}}`
  return `{"type":"output_text","text":${JSON.stringify(text)},"annotations":[],"logprobs":[${logprobs.join(',')}]}`
}

function renderLogprob({ token, logprob, bytes, top }: TokenLogprob): string {
  const top_logprobs = top.map((one) => ({ token: one.token, bytes: one.bytes ?? [], logprob: one.logprob }))
  return JSON.stringify({ token, bytes: bytes ?? [], logprob, top_logprobs })
}
