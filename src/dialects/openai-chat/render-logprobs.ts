// Log probabilities of tokens. https://platform.openai.com/docs/api-reference/chat/object#chat-object-choices-logprobs
import type { TokenLogprob } from '../../conversation/answer-event.ts'

export function renderLogprobs(content: readonly TokenLogprob[]) {
  return {
    content: content.map(({ token, logprob, bytes, top }) => ({ token, logprob, bytes, top_logprobs: top })),
    refusal: null,
  }
}
