// The messages of a chat request as system texts and turns.
import type { Conversation, TextPart, ToolResultPart, Turn, UserPart } from '../../conversation/conversation.ts'
import { isRecord } from '../../is-record.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import type { ParamNames } from './param-names.ts'
import { parseAssistantParts } from './parse-assistant.ts'
import { parseCacheMarker } from './parse-cache-marker.ts'
import { type ContentPart, parseContent, parseText } from './parse-content.ts'

const roles = ['system', 'developer', 'user', 'assistant', 'tool', 'function'] as const

/** System texts in front of everything are the conversation's; later ones stay where they stand. */
export function parseMessages(body: RequestFields, names: ParamNames): Pick<Conversation, 'system' | 'turns'> {
  const values = body.list('messages')
  if (values === null) throw invalidField('messages', 'is required')
  if (values.length === 0) throw invalidField('messages', 'must have at least one message')
  const system: TextPart[] = []
  const turns: Turn[] = []
  const toolNames = new Map<string, string>()
  let results: ToolResultPart[] | null = null
  for (const [index, value] of values.entries()) {
    const plain = parsePlain(value)
    if (plain !== null) {
      results = null
      if (plain.role === 'system' && turns.length === 0) system.push(...plain.parts)
      else turns.push(plain)
      continue
    }
    const message = RequestFields.of(value, `messages[${index}]`)
    const role = message.word('role', roles)
    if (role === null) throw invalidField(message.nameOf('role'), 'is required')
    if (role === 'function') {
      throw unsupportedField(message.nameOf('role'), "Messages of role 'function' are not supported: use 'tool'.")
    }
    if (role === 'tool') {
      if (results === null) {
        results = []
        turns.push({ role: 'user', parts: results, name: null })
      }
      results.push(parseToolResult(message, toolNames, names))
    } else {
      results = null
      const turn = parseTurn(role, message, names)
      if (turn.role === 'system' && turns.length === 0) system.push(...turn.parts)
      else turns.push(turn)
      if (turn.role === 'assistant') {
        for (const part of turn.parts) if (part.kind === 'tool-call') toolNames.set(part.id, part.name)
      }
    }
    message.refuseUnread()
  }
  names.note('prefill', `messages[${values.length - 1}]`)
  return { system, turns }
}

/** Most messages are a role and a text: these need no second look. Null: another one. */
function parsePlain(value: unknown): Turn | null {
  if (!isRecord(value)) return null
  const { role, content } = value
  if (typeof content !== 'string') return null
  for (const name in value) if (name !== 'role' && name !== 'content') return null
  const parts: readonly TextPart[] = [{ kind: 'text', text: content, cache: null }]
  if (role === 'user' || role === 'assistant') return { role, parts, name: null }
  return role === 'system' || role === 'developer' ? { role: 'system', parts } : null
}

function parseTurn(
  role: 'system' | 'developer' | 'user' | 'assistant',
  message: RequestFields,
  names: ParamNames,
): Turn {
  if (role === 'system' || role === 'developer') {
    return { role: 'system', parts: markLast(requireContent(parseText(message, names), message), message, names) }
  }
  const name = message.string('name')
  if (name !== null) names.note('names', message.nameOf('name'))
  if (role === 'assistant') {
    return { role, parts: markLast(parseAssistantParts(message, names), message, names), name }
  }
  const parts = requireContent(parseContent(message, names), message).map(refuseRefusal(message))
  return { role, parts: markLast(parts, message, names), name }
}

function refuseRefusal(message: RequestFields) {
  return (part: ContentPart, index: number): UserPart => {
    if (part.kind !== 'refusal') return part
    throw invalidField(`${message.nameOf('content')}[${index}].type`, "can't be 'refusal' in this role")
  }
}

function parseToolResult(
  message: RequestFields,
  toolNames: ReadonlyMap<string, string>,
  names: ParamNames,
): ToolResultPart {
  const callId = message.requireString('tool_call_id')
  // Some clients repeat the tool's name, which the call has said.
  const said = message.string('name')
  const content = requireContent(parseContent(message, names), message)
  const parts = content.map((part, index) => {
    if (part.kind === 'text') return part
    if (part.kind === 'image' || part.kind === 'file') {
      names.note('toolResultMedia', `${message.nameOf('content')}[${index}]`)
      return part
    }
    throw invalidField(`${message.nameOf('content')}[${index}].type`, 'is none that a tool message may have')
  })
  const cache = parseCacheMarker(message, names)
  return { kind: 'tool-result', callId, toolName: toolNames.get(callId) ?? said, parts, isError: false, cache }
}

function requireContent<T>(parts: readonly T[] | null, message: RequestFields): readonly T[] {
  if (parts === null) throw invalidField(message.nameOf('content'), 'is required')
  return parts
}

/** A marker on a message marks the end of it. */
function markLast<T extends Readonly<{ kind: string }>>(
  parts: readonly T[],
  message: RequestFields,
  names: ParamNames,
): readonly T[] {
  const cache = parseCacheMarker(message, names)
  const last = parts.at(-1)
  if (cache === null || last === undefined || !('cache' in last)) return parts
  return [...parts.slice(0, -1), { ...last, cache }]
}
