// Cohere's log probabilities: of a piece of text, one number a token of it.
// https://docs.cohere.com/reference/chat#response.body.logprobs
import type { TokenLogprob } from '../../conversation/answer-event.ts'
import { readList, readRecord, readText } from '../read-json.ts'

/** A piece of several tokens is not said apart: the first one carries its text, the others none. */
export function readLogprobs(item: unknown): readonly TokenLogprob[] {
  const { text, logprobs } = readRecord(item)
  return readList(logprobs).flatMap((logprob, at) => {
    if (typeof logprob !== 'number') return []
    const token = at === 0 ? (readText(text) ?? '') : ''
    return [{ token, logprob, bytes: [...Buffer.from(token)], top: [] }]
  })
}
