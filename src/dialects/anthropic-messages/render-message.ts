// The words of Anthropic's answers that whole ones and streams share: the message's head, why it stopped, what it used.
// https://docs.claude.com/en/api/messages
import { assertNever } from '../../assert-never.ts'
import type { AnswerUsage, StopReason } from '../../conversation/answer-event.ts'
import type { RenderContext } from '../conversation-api.ts'

export type MessageHead = Readonly<{
  id: string
  type: 'message'
  role: 'assistant'
  model: string
}>

const idPattern = /^msg_[\w-]+$/

/** `id`, `model`: as the backend says them, null for not. */
export function renderHead(id: string | null, model: string | null, context: RenderContext): MessageHead {
  return {
    id: id !== null && idPattern.test(id) ? id : `msg_${context.seed}`,
    type: 'message',
    role: 'assistant',
    model: model ?? context.request.conversation.model,
  }
}

/** The conversation may go on at Anthropic's, which refuses ids like `functions.f:0`; to whoever gave it the id is a name like any. */
export function renderCallId(id: string): string {
  return id.replace(/[^\w-]/g, '_')
}

export function renderStopReason(reason: StopReason): string {
  switch (reason) {
    case 'stop':
      return 'end_turn'
    case 'stop-sequence':
      return 'stop_sequence'
    case 'length':
      return 'max_tokens'
    case 'tool-calls':
      return 'tool_use'
    case 'content-filter':
    case 'refusal':
      return 'refusal'
    case 'pause':
      return 'pause_turn'
    case 'context-window':
      return 'model_context_window_exceeded'
    default:
      return assertNever(reason)
  }
}

/** Anthropic's `input_tokens` are those that no cache had to do with. */
export function renderUsage(usage: AnswerUsage): object {
  const { input, output, cachedInput, cacheWriteInput, reasoning } = usage
  return {
    input_tokens: Math.max(0, input - cachedInput - cacheWriteInput),
    cache_creation_input_tokens: cacheWriteInput,
    cache_read_input_tokens: cachedInput,
    output_tokens: output,
    ...(reasoning === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

export const noUsage: AnswerUsage = Object.freeze({
  input: 0,
  output: 0,
  cachedInput: 0,
  cacheWriteInput: 0,
  reasoning: 0,
})
