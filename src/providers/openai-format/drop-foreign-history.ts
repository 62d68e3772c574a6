// What answers of other providers leave in a conversation, and a strict server refuses, out of a body that otherwise
// passes: reasoning and its proofs, ids of calls that others made. Whatever a server could have written itself stays.
// https://docs.mistral.ai/api (422 extra_forbidden), https://console.groq.com/docs/openai (400 for unknown properties)
import { isRecord } from '../../is-record.ts'
import type { Operation } from '../operation.ts'
import { type JsonRecord, parseJsonText, readList, readRecord } from '../read-json.ts'
import type { ChatRules } from './chat-rules.ts'
import { encodeToolId } from './encode-tool-id.ts'

/** `isStrict`: it refuses messages with fields that it doesn't know. */
export type History = Readonly<{ isStrict: boolean; toolIds: ChatRules['toolIds'] }>
export type Mended = Readonly<{ body: Buffer; dropped: string | null }>

/** `dropped`: the path of the first thing that was left out. Null: the bytes are to stay as they are. */
export function dropForeignHistory(operation: Operation, body: Buffer, history: History): Mended | null {
  if (operation === 'responses') return dropOwnReasoningItems(body)
  return operation === 'chat/completions' ? mendMessages(body, history) : null
}

const foreignNames = ['reasoning_content', 'thinking_blocks'] as const
const callNames = ['extra_content'] as const
const marks = [...foreignNames, 'extra_content'].map((name) => Buffer.from(`"${name}"`))
const resultMark = Buffer.from('"tool_call_id"')

function mendMessages(body: Buffer, { isStrict, toolIds }: History): Mended | null {
  // A body is parsed only where it looks like one that has such things.
  const hasForeign = isStrict && marks.some((mark) => body.includes(mark))
  const hasIds = toolIds === 'nine-letters' && body.includes(resultMark)
  if (!hasForeign && !hasIds) return null
  const request = readRecord(parseJsonText(body.toString()))
  let dropped: string | null = null
  let isChanged = false
  const without = (value: JsonRecord, names: readonly string[], path: string): JsonRecord => {
    const found = hasForeign ? names.find((name) => value[name] !== undefined) : undefined
    if (found === undefined) return value
    isChanged = true
    dropped ??= `${path}.${found}`
    return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))
  }
  const withId = (value: JsonRecord, name: string): JsonRecord => {
    const id = value[name]
    const own = typeof id === 'string' && hasIds ? encodeToolId(id, toolIds) : id
    if (own === id) return value
    isChanged = true
    return { ...value, [name]: own }
  }
  const messages = readList(request.messages).map((message, index) => {
    if (!isRecord(message)) return message
    const path = `messages[${index}]`
    if (message.role === 'tool') return withId(message, 'tool_call_id')
    if (message.role !== 'assistant') return message
    const plain = without(message, foreignNames, path)
    if (!Array.isArray(plain.tool_calls)) return plain
    const calls = plain.tool_calls.map((call: unknown, at) =>
      isRecord(call) ? withId(without(call, callNames, `${path}.tool_calls[${at}]`), 'id') : call,
    )
    return { ...plain, tool_calls: calls }
  })
  return isChanged ? { body: Buffer.from(JSON.stringify({ ...request, messages })), dropped } : null
}

const itemMark = Buffer.from('"rs_')
/** As our own translation of `responses` names its items of reasoning, and seals what is in them. */
const ownId = /^rs_[0-9a-f]{32}\d{1,3}$/
const ownSeal = 'sluice.'

/** They are in nobody's store, and nobody else can open them. */
function dropOwnReasoningItems(body: Buffer): Mended | null {
  if (!body.includes(itemMark)) return null
  const request = readRecord(parseJsonText(body.toString()))
  const input = readList(request.input)
  const at = input.findIndex(isOwnReasoning)
  if (at < 0) return null
  const rest = input.filter((item) => !isOwnReasoning(item))
  return { body: Buffer.from(JSON.stringify({ ...request, input: rest })), dropped: `input[${at}]` }
}

function isOwnReasoning(item: unknown): boolean {
  const { type, id, encrypted_content: sealed } = readRecord(item)
  if (type !== 'reasoning') return false
  return (typeof sealed === 'string' && sealed.startsWith(ownSeal)) || (typeof id === 'string' && ownId.test(id))
}
