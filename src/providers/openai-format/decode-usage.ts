// What an OpenAI-shaped server says that an answer used. Untrusted: what is no count counts as none.
import type { AnswerUsage } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'

/** Null: it says nothing. `answer`: a whole answer, or an event of a stream. */
export function decodeUsage(answer: Readonly<Record<string, unknown>>): AnswerUsage | null {
  // Groq says it in a field of its own as well. https://console.groq.com/docs/api-reference
  const groq = isRecord(answer.x_groq) ? answer.x_groq.usage : null
  const usage = isRecord(answer.usage) ? answer.usage : groq
  if (!isRecord(usage)) return null
  const input = readCount(usage.prompt_tokens)
  const said = readCount(usage.completion_tokens)
  const inputDetails = isRecord(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
  const outputDetails = isRecord(usage.completion_tokens_details) ? usage.completion_tokens_details : {}
  const reasoning = readCount(outputDetails.reasoning_tokens)
  // xAI's completion tokens are those that are shown; its total has all.
  const isApart = reasoning > 0 && readCount(usage.total_tokens) === input + said + reasoning
  return {
    input,
    output: isApart ? said + reasoning : said,
    // DeepSeek's own name. https://api-docs.deepseek.com/guides/kv_cache
    cachedInput: readCount(inputDetails.cached_tokens ?? usage.prompt_cache_hit_tokens),
    cacheWriteInput: readCount(inputDetails.cache_write_tokens),
    reasoning,
  }
}

function readCount(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 1e12 ? Math.floor(value) : 0
}
