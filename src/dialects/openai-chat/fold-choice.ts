// Puts one choice of an answer together from its events: chat has one text, one refusal and one list of calls, whatever
// the order in which they were said.
import type { AnswerEvent, StopReason, TokenLogprob } from '../../conversation/answer-event.ts'
import type { ToolCallEvent } from './render-tool-call.ts'
import { ThinkingBlocks } from './thinking-blocks.ts'

/** The events that belong to a choice. */
export type ChoiceEvent = Extract<AnswerEvent, { readonly choice: number }>

export class FoldedChoice {
  text = ''
  refusal = ''
  readonly thinking = new ThinkingBlocks()
  readonly calls: { call: ToolCallEvent; json: string }[] = []
  readonly logprobs: TokenLogprob[] = []
  reason: StopReason = 'stop'

  push(event: ChoiceEvent): void {
    switch (event.type) {
      case 'text':
        this.text += event.text
        break
      case 'refusal':
        this.refusal += event.text
        break
      case 'tool-call':
        this.calls[event.call] = { call: event, json: '' }
        break
      case 'tool-arguments': {
        const called = this.calls[event.call]
        if (called !== undefined) called.json += event.json
        break
      }
      case 'logprobs':
        this.logprobs.push(...event.content)
        break
      case 'stop':
        this.reason = event.reason
        break
      case 'reasoning':
      case 'reasoning-signature':
      case 'redacted-reasoning':
      case 'part-end':
        break
    }
    this.thinking.push(event)
  }
}
