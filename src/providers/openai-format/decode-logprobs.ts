// Log probabilities as OpenAI's format has them. Untrusted: entries of another shape are left out.
import type { TokenLogprob } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'

/** Empty where there are none. https://platform.openai.com/docs/api-reference/chat/object */
export function decodeLogprobs(logprobs: unknown): readonly TokenLogprob[] {
  if (!isRecord(logprobs) || !Array.isArray(logprobs.content)) return []
  return logprobs.content.flatMap((entry: unknown) => {
    const token = decodeToken(entry)
    if (token === null || !isRecord(entry)) return []
    const top = Array.isArray(entry.top_logprobs) ? entry.top_logprobs : []
    return [{ ...token, top: top.flatMap((other: unknown) => decodeToken(other) ?? []) }]
  })
}

function decodeToken(entry: unknown): Omit<TokenLogprob, 'top'> | null {
  if (!isRecord(entry) || typeof entry.token !== 'string' || typeof entry.logprob !== 'number') return null
  const bytes = Array.isArray(entry.bytes) ? entry.bytes.filter((byte) => typeof byte === 'number') : null
  return { token: entry.token, logprob: entry.logprob, bytes }
}
