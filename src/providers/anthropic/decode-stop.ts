// Decodes why a model of Anthropic's stopped. https://docs.claude.com/en/api/handling-stop-reasons
import type { StopReason } from '../../conversation/answer-event.ts'

const reasons: Readonly<Record<string, StopReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  refusal: 'refusal',
  pause_turn: 'pause',
  model_context_window_exceeded: 'context-window',
}

/** A reason that is not known yet is an end like any other. */
export function decodeStopReason(reason: string | null): StopReason {
  return reason !== null && Object.hasOwn(reasons, reason) ? (reasons[reason] ?? 'stop') : 'stop'
}
