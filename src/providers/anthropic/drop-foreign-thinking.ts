// Thinking that no model of Anthropic's has signed, out of a body that otherwise passes: a conversation that another
// provider has answered brings such blocks along, and Anthropic refuses all of it for them.
// https://docs.claude.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks
import { isRecord } from '../../is-record.ts'
import { parseJsonText, readList, readRecord } from '../read-json.ts'

/** How such a signature begins: none at all, or as our own dialects mark Gemini's. With the spaces that some clients write. */
const marks = ['', ' '].flatMap((space) =>
  ['""', '"gemini:', '"gemini-text:'].map((value) => Buffer.from(`"signature":${space}${value}`)),
)

/** `dropped`: the first such block. Null: there is none, and the bytes are to stay as they are. */
export function dropForeignThinking(body: Buffer): Readonly<{ body: Buffer; dropped: string }> | null {
  // A body is parsed only where it looks like one of them.
  if (!marks.some((mark) => body.includes(mark))) return null
  const request = readRecord(parseJsonText(body.toString()))
  // Other makers who speak this API sign nothing, and may want back what they wrote.
  if (!String(request.model).includes('claude')) return null
  let dropped: string | null = null
  const messages = readList(request.messages).flatMap((message, index) => {
    if (!isRecord(message) || !Array.isArray(message.content)) return [message]
    const blocks: readonly unknown[] = message.content
    const content = blocks.filter((block) => !isForeign(block))
    if (content.length === blocks.length) return [message]
    dropped ??= `messages[${index}].content[${blocks.findIndex(isForeign)}]`
    return content.length === 0 ? [] : [{ ...message, content }]
  })
  return dropped === null ? null : { body: Buffer.from(JSON.stringify({ ...request, messages })), dropped }
}

function isForeign(block: unknown): boolean {
  const { type, signature } = readRecord(block)
  return type === 'thinking' && typeof signature === 'string' && /^(?:$|gemini:|gemini-text:)/.test(signature)
}
