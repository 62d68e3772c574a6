// Why Cohere says it stopped. https://docs.cohere.com/reference/chat#response.body.finish_reason
import type { StopReason } from '../../conversation/answer-event.ts'

const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop-sequence'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool-calls'],
  ['ERROR_TOXIC', 'content-filter'],
  ['ERROR_LIMIT', 'context-window'],
])

/** Null: it broke off (`ERROR`, `TIMEOUT`). */
export function mapFinishReason(reason: string): StopReason | null {
  return reasons.get(reason) ?? (reason === 'ERROR' || reason === 'TIMEOUT' ? null : 'stop')
}
