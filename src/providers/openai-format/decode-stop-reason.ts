// Why an answer ended, in the words of OpenAI and of the servers that speak like it.
import type { StopReason } from '../../conversation/answer-event.ts'

const reasons: Readonly<Record<string, StopReason>> = {
  stop: 'stop',
  // Hugging Face's TGI, Together.
  eos: 'stop',
  eos_token: 'stop',
  stop_sequence: 'stop-sequence',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  // https://docs.mistral.ai/api: the context window is full.
  model_length: 'context-window',
  tool_calls: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  safety: 'content-filter',
  refusal: 'refusal',
}

/** Those that mean that there is no answer: `error` (OpenRouter, Mistral), DeepSeek's, vLLM's. */
const failures: ReadonlySet<string> = new Set(['error', 'insufficient_system_resource', 'abort'])

/** Null: the answer failed. Some servers say `stop` after calls. */
export function decodeStopReason(said: string | null, hasCalls: boolean): StopReason | null {
  if (said !== null && failures.has(said)) return null
  const reason = reasons[said?.toLowerCase() ?? 'stop'] ?? 'stop'
  if (hasCalls) return reason === 'stop' ? 'tool-calls' : reason
  return reason === 'tool-calls' ? 'stop' : reason
}
