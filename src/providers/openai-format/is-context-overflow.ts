// Is an error that of an input longer than the model's context window? Only codes and words tell; servers agree on none.

const codes: ReadonlySet<string> = new Set([
  // OpenAI, Azure, Groq, xAI.
  'context_length_exceeded',
  // llama.cpp.
  'exceed_context_size_error',
  'context_window_exceeded',
  'model_context_window_exceeded',
])

/** vLLM, OpenAI; llama.cpp; Together, Hugging Face's TGI; Mistral; DeepSeek; Fireworks; OpenRouter. */
const words =
  /maximum context length|context[ _-]?length[ _-]?exceeded|exceeds? (?:the |this )?(?:available |maximum |model'?s? )*context|context (?:window|size|length) (?:is |was )?(?:exceeded|full|too small)|(?:larger|longer) than (?:the |this )?(?:model'?s? )?(?:maximum |max )?(?:context|model length)|(?:prompt|input|conversation)(?: is| was| contains)? too (?:long|large)|too many (?:input |prompt )?tokens|`?inputs`? tokens \+ `?max_new_tokens`? must be|max_model_len|reduce the length of (?:the|your) (?:messages|prompt|input)/i

export function isContextOverflow(status: number, code: string | null, message: string | null): boolean {
  if (status !== 400 && status !== 413 && status !== 422 && status !== 500) return false
  if (code !== null && codes.has(code)) return true
  return status !== 500 && message !== null && words.test(message)
}
