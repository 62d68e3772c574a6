// Is an error that of an input longer than the model's context window? Only codes and words tell; servers agree on none.

const codes: ReadonlySet<string> = new Set([
  // OpenAI, Azure, Groq, xAI.
  'context_length_exceeded',
  // llama.cpp.
  'exceed_context_size_error',
  'context_window_exceeded',
  'model_context_window_exceeded',
])

const words: readonly RegExp[] = [
  // OpenAI, vLLM, DeepSeek, OpenRouter, Fireworks; xAI.
  /maximum (?:context|prompt) length/i,
  // llama.cpp, Ollama.
  /exceeds? (?:the |this )?(?:available |maximum |model'?s? )*context/i,
  /context (?:window|size|length) (?:is |was )?(?:exceeded|full|too small)/i,
  // vLLM.
  /(?:larger|longer) than (?:the |this )?(?:model'?s? )?(?:maximum |max )?(?:context|model length)/i,
  /max_model_len/,
  // Mistral.
  /tokens.{0,40} too large for model/i,
  /(?:prompt|input|conversation)(?: is| was)? too (?:long|large)/i,
  /too many (?:input |prompt )?tokens/i,
  // Hugging Face's TGI, Together.
  /inputs`? tokens \+ `?max_new_tokens`? must be/i,
  // Groq.
  /reduce the length of (?:the|your) (?:messages|prompt|input)/i,
]

const statuses: ReadonlySet<number> = new Set([400, 413, 422])

export function isContextOverflow(status: number, code: string | null, message: string | null): boolean {
  const hasCode = code !== null && codes.has(code)
  // llama.cpp answered 500 until 2025.
  if (!statuses.has(status)) return status === 500 && hasCode
  return hasCode || (message !== null && words.some((pattern) => pattern.test(message)))
}
