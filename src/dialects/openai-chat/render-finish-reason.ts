// Why an answer ended, in chat's words. https://platform.openai.com/docs/api-reference/chat/object
import { assertNever } from '../../assert-never.ts'
import type { StopReason } from '../../conversation/answer-event.ts'

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/** `hasRefusal`: it said in words that it refuses, which OpenAI's models end like any other answer. */
export function renderFinishReason(reason: StopReason, hasRefusal: boolean): FinishReason {
  switch (reason) {
    case 'stop':
    case 'stop-sequence':
    case 'pause':
      return 'stop'
    case 'length':
    case 'context-window':
      return 'length'
    case 'tool-calls':
      return 'tool_calls'
    case 'content-filter':
      return 'content_filter'
    case 'refusal':
      return hasRefusal ? 'stop' : 'content_filter'
    default:
      return assertNever(reason)
  }
}
