// What a model thought, as blocks that a client can give back: with the signatures that prove them.
import type { ChoiceEvent } from './fold-choice.ts'

export type ThinkingBlock =
  | Readonly<{ type: 'thinking'; thinking: string; signature?: string }>
  | Readonly<{ type: 'redacted_thinking'; data: string }>

export class ThinkingBlocks {
  /** All of them, the one under way not yet among them. */
  readonly blocks: ThinkingBlock[] = []
  /** All that was thought, as one text. */
  text = ''
  /** One of them is more than a text. */
  isSigned = false
  #open = ''

  /** Takes any event of the choice. */
  push(event: ChoiceEvent): void {
    switch (event.type) {
      case 'reasoning':
        this.#open += event.text
        this.text += event.text
        return
      case 'reasoning-signature': {
        const block: ThinkingBlock = { type: 'thinking', thinking: this.#open, signature: event.signature }
        this.#open = ''
        this.#add(block)
        return
      }
      case 'redacted-reasoning':
        this.#end()
        this.#add({ type: 'redacted_thinking', data: event.data })
        return
      case 'logprobs':
        return
      default:
        this.#end()
    }
  }

  #add(block: ThinkingBlock): void {
    this.isSigned = true
    this.blocks.push(block)
  }

  #end(): void {
    if (this.#open === '') return
    this.blocks.push({ type: 'thinking', thinking: this.#open })
    this.#open = ''
  }
}
