// Reads what a person said out of a request body: message content of every dialect's spelling, as plain text.
import { isObject, type JsonObject } from './answer.ts'
import { RequestError } from './request-error.ts'

export type Prompt = Readonly<{
  /** Everything that was sent, for counting. */
  texts: readonly string[]
  /** The last thing a user said. */
  question: string
  /** What a tool answered, when that is the last message; else null. */
  toolResult: string | null
}>

/** The text of a content field: a string, or parts of which those with text count. */
export function readContent(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const texts: string[] = []
  for (const part of content) {
    if (typeof part === 'string') texts.push(part)
    else if (isObject(part)) {
      if (typeof part.text === 'string') texts.push(part.text)
      else if (part.type === 'tool_result') texts.push(readContent(part.content))
    }
  }
  return texts.join('\n')
}

function isToolResult(message: JsonObject): boolean {
  if (message.role === 'tool' || message.role === 'function' || message.type === 'function_call_output') return true
  return (
    Array.isArray(message.content) &&
    message.content.some((part: unknown) => isObject(part) && part.type === 'tool_result')
  )
}

/** Reads `messages` (or the Responses API's `input` items); throws a 400 RequestError when it is no list of objects. */
export function readMessages(value: unknown, param: string): Prompt {
  if (!Array.isArray(value) || value.length === 0) {
    throw new RequestError(400, 'invalid_request', `'${param}' must be a list with at least one message.`, param)
  }
  const texts: string[] = []
  let question = ''
  let toolResult: string | null = null
  for (const [index, message] of value.entries()) {
    if (!isObject(message)) {
      throw new RequestError(400, 'invalid_request', `'${param}[${index}]' must be an object.`, `${param}[${index}]`)
    }
    const text = readContent(message.content ?? message.output)
    texts.push(text)
    toolResult = isToolResult(message) ? text : null
    if (message.role === 'user' && toolResult === null) question = text
  }
  return { texts, question, toolResult }
}

/** Reads a prompt or input that is a text or a list of texts. */
export function readTexts(value: unknown, param: string): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value) && value.length > 0) {
    if (value.every((entry) => typeof entry === 'string')) return value
    // Token ids, one list or a list of lists: taken as the text of their numbers.
    if (value.every((entry) => typeof entry === 'number')) return [value.join(' ')]
    if (value.every((entry) => Array.isArray(entry))) return value.map((entry) => entry.join(' '))
  }
  throw new RequestError(400, 'invalid_request', `'${param}' must be a text or a list of texts.`, param)
}
