// Counts the tokens of a translated stream by the text its events bring: for streams that end before their backend
// reports usage. An estimate that is right where an event is a token, as most backends send them.
import type { AnswerEvent } from '../conversation/answer-event.ts'

/** Text of one event up to this long is taken for one token. UTF-16 units. */
const maxTokenLength = 16
const lengthPerToken = 4

export class TranslatedTokenCounter {
  tokens = 0

  push(event: AnswerEvent): void {
    if (event.type === 'text' || event.type === 'reasoning' || event.type === 'refusal') this.#count(event.text.length)
    else if (event.type === 'tool-arguments') this.#count(event.json.length)
  }

  #count(length: number): void {
    if (length > 0) this.tokens += length <= maxTokenLength ? 1 : Math.ceil(length / lengthPerToken)
  }
}
