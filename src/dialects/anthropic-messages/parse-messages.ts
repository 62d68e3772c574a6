// Parses the messages of a conversation into turns. https://docs.claude.com/en/api/messages
import type { AssistantPart, TextPart, Turn, UserPart } from '../../conversation/conversation.ts'
import { type Fields, notePlace, noteUnknown, type ParseNotes, readArray, readRecord, refuseInvalid } from './fields.ts'
import { readGeminiSignature } from './gemini-signature.ts'
import { listBlocks, parseAssistantBlock, parseTextBlock, parseUserBlock } from './parse-blocks.ts'

const messageFields = new Set(['role', 'content'])

export function parseMessages(value: unknown, notes: ParseNotes): readonly Turn[] {
  const messages = readArray(value, 'messages')
  const turns: Turn[] = []
  for (const [index, entry] of messages.entries()) {
    const path = `messages[${index}]`
    const message = readRecord(entry, path)
    noteUnknown(message, messageFields, path, notes)
    const blocks = listBlocks(message.content, `${path}.content`)
    const isLast = index === messages.length - 1
    if (blocks.length === 0) {
      // The API itself lets only a last turn of the assistant's be empty.
      if (message.role === 'assistant' && isLast) continue
      throw refuseInvalid(`${path}.content`, 'must not be empty')
    }
    if (message.role === 'assistant' && isLast) notePlace(notes, 'prefill', path)
    turns.push(parseTurn(message.role, blocks, path, notes))
  }
  return turns
}

/** The text blocks of a system prompt. */
export function parseSystem(content: unknown, path: string, notes: ParseNotes): readonly TextPart[] {
  return listBlocks(content, path).map((block, index) => parseTextBlock(block, `${path}[${index}]`, notes))
}

function parseTurn(role: unknown, blocks: readonly Fields[], path: string, notes: ParseNotes): Turn {
  switch (role) {
    case 'user':
      return { role, parts: parseUserParts(blocks, path, notes), name: null }
    case 'assistant':
      return { role, parts: parseAssistantParts(blocks, path, notes), name: null }
    case 'system':
      return { role, parts: parseSystem(blocks, `${path}.content`, notes) }
    default:
      throw refuseInvalid(`${path}.role`, "must be 'user' or 'assistant'")
  }
}

/** Tool results stand first. */
function parseUserParts(blocks: readonly Fields[], path: string, notes: ParseNotes): readonly UserPart[] {
  const parts = blocks.map((block, index) => parseUserBlock(block, `${path}.content[${index}]`, notes))
  const results = parts.filter(({ kind }) => kind === 'tool-result')
  return results.length === 0 ? parts : [...results, ...parts.filter(({ kind }) => kind !== 'tool-result')]
}

function parseAssistantParts(blocks: readonly Fields[], path: string, notes: ParseNotes): readonly AssistantPart[] {
  const parts: AssistantPart[] = []
  let callSignature: string | null = null
  for (const [index, block] of blocks.entries()) {
    const signature = readGeminiSignature(block)
    if (signature !== null) {
      callSignature = signature
      continue
    }
    const part = parseAssistantBlock(block, `${path}.content[${index}]`, notes)
    parts.push(part.kind === 'tool-call' ? { ...part, signature: callSignature } : part)
    callSignature = null
  }
  return parts
}
