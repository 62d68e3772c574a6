// Log probabilities as Gemini has them. https://ai.google.dev/api/generate-content#LogprobsResult
import type { TokenLogprob } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'

/** Empty for none, or where something is odd with them: an answer is more than its log probabilities. */
export function parseLogprobs(result: unknown): readonly TokenLogprob[] {
  if (!isRecord(result) || !Array.isArray(result.chosenCandidates)) return []
  const tops: readonly unknown[] = Array.isArray(result.topCandidates) ? result.topCandidates : []
  return result.chosenCandidates.flatMap((chosen: unknown, at) => {
    const token = parseToken(chosen)
    const top = tops[at]
    const candidates: readonly unknown[] = isRecord(top) && Array.isArray(top.candidates) ? top.candidates : []
    return token === null ? [] : [{ ...token, top: candidates.flatMap((candidate) => parseToken(candidate) ?? []) }]
  })
}

function parseToken(value: unknown): Omit<TokenLogprob, 'top'> | null {
  if (!isRecord(value)) return null
  const { token, logProbability } = value
  if (typeof token !== 'string' || typeof logProbability !== 'number') return null
  return { token, logprob: logProbability, bytes: [...Buffer.from(token)] }
}
