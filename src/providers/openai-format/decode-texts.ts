// The texts of a message or a delta: a string, or a list of parts, with what was thought under any of its names.
import { isRecord } from '../../is-record.ts'

/** Empty strings where nothing was said. */
export type Texts = Readonly<{ text: string; reasoning: string }>

/**
 * `reasoning_content` is DeepSeek's and vLLM's, `reasoning` OpenRouter's, Groq's and newer vLLM's, the same where both
 * are there; Mistral thinks in parts of the content. https://docs.mistral.ai/capabilities/reasoning
 */
export function decodeTexts(message: Readonly<Record<string, unknown>>): Texts {
  const { content } = message
  let text = typeof content === 'string' ? content : ''
  let reasoning = readText(message.reasoning_content) || readText(message.reasoning)
  if (Array.isArray(content)) {
    for (const part of content) {
      if (!isRecord(part)) continue
      if (part.type === 'thinking') reasoning += readParts(part.thinking)
      else if (part.type === 'text') text += readText(part.text)
    }
  }
  return { text, reasoning }
}

function readParts(value: unknown): string {
  if (!Array.isArray(value)) return readText(value)
  return value.map((part: unknown) => (isRecord(part) ? readText(part.text) : '')).join('')
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
