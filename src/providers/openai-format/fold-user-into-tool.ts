// For servers that want an assistant's message behind tool results: what a user says there joins the last result, since
// no words can be put into the model's mouth. https://github.com/mistralai/mistral-common, request validation
import type { Message } from './encode-messages.ts'

/** Mistral answers 400 `invalid_request_message_order` to a user message behind a tool message. */
export function foldUserIntoTool(messages: readonly Message[]): readonly Message[] {
  const folded: Message[] = []
  for (const message of messages) {
    const last = folded.at(-1)
    if (message.role === 'user' && last?.role === 'tool') {
      folded[folded.length - 1] = { ...last, content: [...toParts(last.content), ...toParts(message.content)] }
    } else folded.push(message)
  }
  return folded
}

function toParts(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content
  return content === '' ? [] : [{ type: 'text', text: content }]
}
