// An output item of type `reasoning`: one text, as a summary where the client asked for one, else as itself; or none, and
// only what the backend wants back. https://platform.openai.com/docs/api-reference/responses/object
import type { Emit, ItemStatus } from './output-items.ts'

export class ReasoningItem {
  readonly id: string
  readonly index: number
  /** `encrypted_content`, null for none. */
  encrypted: string | null = null
  readonly #isSummary: boolean
  readonly #emit: Emit | null
  readonly #place: string
  #text: string | null = null

  constructor(id: string, index: number, isSummary: boolean, emit: Emit | null) {
    this.id = id
    this.index = index
    this.#isSummary = isSummary
    this.#emit = emit
    this.#place = `"item_id":"${id}","output_index":${index},"${isSummary ? 'summary' : 'content'}_index":0`
    emit?.(
      'response.output_item.added',
      `"output_index":${index},"item":{"id":"${id}","type":"reasoning","status":"in_progress","summary":[]}`,
    )
  }

  append(text: string): void {
    if (this.#text === null) {
      this.#emit?.(`${this.#partEvent}.added`, `${this.#place},"part":${this.#renderPart('')}`)
      this.#text = ''
    }
    this.#text += text
    this.#emit?.(`${this.#textEvent}.delta`, `${this.#place},"delta":${JSON.stringify(text)}`)
  }

  end(_status: ItemStatus): void {
    if (this.#text === null || this.#emit === null) return
    this.#emit(`${this.#textEvent}.done`, `${this.#place},"text":${JSON.stringify(this.#text)}`)
    this.#emit(`${this.#partEvent}.done`, `${this.#place},"part":${this.#renderPart(this.#text)}`)
  }

  render(status: ItemStatus): string {
    const part = this.#text === null ? '' : this.#renderPart(this.#text)
    const texts = this.#isSummary ? `"summary":[${part}]` : `"summary":[],"content":[${part}]`
    const encrypted = this.encrypted === null ? '' : `,"encrypted_content":${JSON.stringify(this.encrypted)}`
    return `{"id":"${this.id}","type":"reasoning","status":"${status}",${texts}${encrypted}}`
  }

  get #textEvent(): string {
    return this.#isSummary ? 'response.reasoning_summary_text' : 'response.reasoning_text'
  }

  get #partEvent(): string {
    return this.#isSummary ? 'response.reasoning_summary_part' : 'response.content_part'
  }

  #renderPart(text: string): string {
    return `{"type":"${this.#isSummary ? 'summary_text' : 'reasoning_text'}","text":${JSON.stringify(text)}}`
  }
}
