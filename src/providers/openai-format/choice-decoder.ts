// One choice of an answer, from deltas or from a whole message: both have the same fields.
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'
import { decodeLogprobs } from './decode-logprobs.ts'
import { decodeStopReason } from './decode-stop-reason.ts'
import { decodeTexts } from './decode-texts.ts'
import { decodeReasoningDetails } from './reasoning-details.ts'
import { ToolCallReader } from './tool-call-reader.ts'

export class ChoiceDecoder {
  readonly #choice: number
  readonly #calls: ToolCallReader
  #hasRefusal = false
  isStopped = false
  /** The server says that this answer failed. */
  isFailed = false

  /** `seed`: what ids of calls that have none are made of. */
  constructor(choice: number, seed: string) {
    this.#choice = choice
    this.#calls = new ToolCallReader(choice, seed)
  }

  /** `said`: an entry of `choices`. */
  read(said: Readonly<Record<string, unknown>>, events: AnswerEvent[]): void {
    const choice = this.#choice
    const message = isRecord(said.delta) ? said.delta : isRecord(said.message) ? said.message : null
    if (message !== null) {
      const { text, reasoning } = decodeTexts(message)
      if (reasoning !== '') events.push({ type: 'reasoning', choice, text: reasoning })
      decodeReasoningDetails(message.reasoning_details, reasoning !== '', choice, events)
      if (text !== '') events.push({ type: 'text', choice, text })
      if (typeof message.refusal === 'string' && message.refusal !== '') {
        this.#hasRefusal = true
        events.push({ type: 'refusal', choice, text: message.refusal })
      }
    }
    if (isRecord(said.logprobs)) {
      const content = decodeLogprobs(said.logprobs)
      if (content.length > 0) events.push({ type: 'logprobs', choice, content })
    }
    if (message !== null && Array.isArray(message.tool_calls)) {
      for (const call of message.tool_calls) this.#calls.read(call, events)
    }
    if (typeof said.finish_reason === 'string' && said.finish_reason !== '') {
      this.stop(said.finish_reason, said.stop_reason, events)
    }
  }

  /** `sequence`: vLLM's `stop_reason`: the stop string that ended it; a number is a token. */
  stop(reason: string | null, sequence: unknown, events: AnswerEvent[]): void {
    if (this.isStopped) return
    this.isStopped = true
    const decoded = decodeStopReason(reason, this.#calls.hasCalls)
    if (decoded === null) {
      this.isFailed = true
      return
    }
    const stopSequence = typeof sequence === 'string' && decoded === 'stop' ? sequence : null
    // OpenAI ends what it says as a refusal like any other answer.
    const ended = decoded === 'stop' && this.#hasRefusal ? 'refusal' : decoded
    events.push({
      type: 'stop',
      choice: this.#choice,
      reason: stopSequence === null ? ended : 'stop-sequence',
      stopSequence,
    })
  }
}
