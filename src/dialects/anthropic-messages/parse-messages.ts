// Parses the messages of a conversation into turns. https://docs.claude.com/en/api/messages
import type { AssistantPart, TextPart, Turn, UserPart } from '../../conversation/conversation.ts'
import { invalidField, RequestFields } from '../request-fields.ts'
import { readGeminiSignature } from './gemini-signature.ts'
import { listBlocks, parseAssistantBlock, parseTextBlock, parseUserBlock } from './parse-blocks.ts'
import type { ParseNotes } from './parse-notes.ts'

export function parseMessages(body: RequestFields, notes: ParseNotes): readonly Turn[] {
  const messages = body.list('messages')
  if (messages === null) throw invalidField('messages', 'is required')
  const turns: Turn[] = []
  for (const [index, entry] of messages.entries()) {
    const message = RequestFields.of(entry, `messages[${index}]`)
    const role = message.word('role', ['user', 'assistant', 'system'])
    if (role === null) throw invalidField(message.nameOf('role'), 'is required')
    const blocks = listBlocks(message, 'content')
    notes.noteUnread(message)
    const isLast = index === messages.length - 1
    if (blocks.length === 0) {
      // The API itself lets only a last turn of the assistant's be empty.
      if (role === 'assistant' && isLast) continue
      throw invalidField(message.nameOf('content'), 'must not be empty')
    }
    if (role === 'assistant' && isLast) notes.notePlace('prefill', message.path)
    turns.push(parseTurn(role, blocks, notes))
  }
  return turns
}

/** The text blocks of a system prompt. */
export function parseSystem(blocks: readonly RequestFields[], notes: ParseNotes): readonly TextPart[] {
  return blocks.map((block) => parseTextBlock(block, notes))
}

function parseTurn(role: Turn['role'], blocks: readonly RequestFields[], notes: ParseNotes): Turn {
  switch (role) {
    case 'user':
      return { role, parts: parseUserParts(blocks, notes), name: null }
    case 'assistant':
      return { role, parts: parseAssistantParts(blocks, notes), name: null }
    case 'system':
      return { role, parts: parseSystem(blocks, notes) }
  }
}

/** Tool results stand first. */
function parseUserParts(blocks: readonly RequestFields[], notes: ParseNotes): readonly UserPart[] {
  const parts = blocks.map((block) => parseUserBlock(block, notes))
  const results = parts.filter(({ kind }) => kind === 'tool-result')
  return results.length === 0 ? parts : [...results, ...parts.filter(({ kind }) => kind !== 'tool-result')]
}

function parseAssistantParts(blocks: readonly RequestFields[], notes: ParseNotes): readonly AssistantPart[] {
  const parts: AssistantPart[] = []
  let callSignature: string | null = null
  for (const block of blocks) {
    const signature = readGeminiSignature(block)
    if (signature !== null) {
      callSignature = signature
      continue
    }
    const part = parseAssistantBlock(block, notes)
    parts.push(part.kind === 'tool-call' ? { ...part, signature: callSignature } : part)
    callSignature = null
  }
  return parts
}
