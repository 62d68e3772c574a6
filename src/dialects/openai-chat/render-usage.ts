// What an answer used, in the words of chat. https://platform.openai.com/docs/api-reference/chat/object
import type { AnswerUsage } from '../../conversation/answer-event.ts'

export function renderUsage(usage: AnswerUsage) {
  const { input, output, cachedInput, cacheWriteInput, reasoning } = usage
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: cachedInput,
      audio_tokens: 0,
      // OpenRouter's name; OpenAI doesn't charge for writing.
      ...(cacheWriteInput > 0 && { cache_write_tokens: cacheWriteInput }),
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}
