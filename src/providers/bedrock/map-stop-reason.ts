// Why Converse says it stopped. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStopEvent.html
import type { StopReason } from '../../conversation/answer-event.ts'

const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['tool_use', 'tool-calls'],
  ['guardrail_intervened', 'content-filter'],
  ['content_filtered', 'content-filter'],
  ['refusal', 'refusal'],
  ['model_context_window_exceeded', 'context-window'],
])

/** Null: the model broke off with something that is no answer (`malformed_model_output`, `malformed_tool_use`). */
export function mapStopReason(reason: string): StopReason | null {
  if (reason.startsWith('malformed_')) return null
  return reasons.get(reason) ?? 'stop'
}
