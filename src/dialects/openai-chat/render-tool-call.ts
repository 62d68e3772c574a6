// A tool call as chat has it; Gemini's thought signature where Google's own compatible API puts it.
// https://ai.google.dev/gemini-api/docs/thought-signatures#openai
import type { AnswerEvent } from '../../conversation/answer-event.ts'

export type ToolCallEvent = Extract<AnswerEvent, { type: 'tool-call' }>

export function renderToolCall({ id, name, signature }: ToolCallEvent, text: string) {
  return {
    id,
    type: 'function',
    function: { name, arguments: text },
    ...(signature !== null && { extra_content: { google: { thought_signature: signature } } }),
  }
}
