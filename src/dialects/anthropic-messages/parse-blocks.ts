// Parses what messages consist of: text, images, documents, calls of tools and their results, thinking.
// https://docs.claude.com/en/api/messages
import type {
  AssistantPart,
  CacheMarker,
  FilePart,
  ImagePart,
  Media,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../conversation/conversation.ts'
import { createMedia } from '../parse-media-url.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import type { ParseNotes } from './parse-notes.ts'

/** The blocks of a field: a string is a list of one text. Empty where there is nothing. */
export function listBlocks(fields: RequestFields, name: string): readonly RequestFields[] {
  const value = fields.value(name)
  if (typeof value === 'string') {
    return value === '' ? [] : [new RequestFields({ type: 'text', text: value }, fields.nameOf(name))]
  }
  return (fields.list(name) ?? []).map((block, index) => RequestFields.of(block, `${fields.nameOf(name)}[${index}]`))
}

/** https://docs.claude.com/en/docs/build-with-claude/prompt-caching: five minutes unless it says an hour. */
export function parseCacheMarker(fields: RequestFields): CacheMarker {
  const marker = fields.object('cache_control')
  if (marker === null) return null
  if (marker.word('type', ['ephemeral']) === null) throw invalidField(marker.nameOf('type'), 'is required')
  return { ttl: marker.word('ttl', ['5m', '1h']) ?? '5m' }
}

export function parseTextBlock(block: RequestFields, notes: ParseNotes): TextPart {
  if (block.requireString('type') !== 'text') throw refuseType(block)
  const part: TextPart = { kind: 'text', text: block.requireString('text'), cache: parseCacheMarker(block) }
  notes.noteUnread(block)
  return part
}

export function parseUserBlock(block: RequestFields, notes: ParseNotes): UserPart {
  return block.requireString('type') === 'tool_result' ? parseToolResult(block, notes) : parseMediaBlock(block, notes)
}

export function parseAssistantBlock(block: RequestFields, notes: ParseNotes): AssistantPart {
  switch (block.requireString('type')) {
    case 'text':
      return parseTextBlock(block, notes)
    case 'thinking': {
      notes.notePlace('reasoningHistory', block.path)
      // An empty signature is what an answer of a backend without signatures was rendered with.
      const signature = block.string('signature') || null
      const part: AssistantPart = { kind: 'reasoning', text: block.requireString('thinking'), signature }
      notes.noteUnread(block)
      return part
    }
    case 'redacted_thinking': {
      notes.notePlace('reasoningHistory', block.path)
      const part: AssistantPart = { kind: 'redacted-reasoning', data: block.requireString('data') }
      notes.noteUnread(block)
      return part
    }
    case 'tool_use': {
      const id = block.requireString('id')
      const name = block.requireString('name')
      notes.toolNames.set(id, name)
      const input = block.record('input')
      if (input === null) throw invalidField(block.nameOf('input'), 'is required')
      const cache = parseCacheMarker(block)
      notes.noteUnread(block)
      return { kind: 'tool-call', id, name, arguments: JSON.stringify(input), signature: null, cache }
    }
    default:
      throw refuseType(block)
  }
}

function parseMediaBlock(block: RequestFields, notes: ParseNotes): TextPart | ImagePart | FilePart {
  switch (block.requireString('type')) {
    case 'text':
      return parseTextBlock(block, notes)
    case 'image':
      return parseImage(block, notes)
    case 'document':
      return parseDocument(block, notes)
    default:
      throw refuseType(block)
  }
}

function parseImage(block: RequestFields, notes: ParseNotes): ImagePart {
  notes.notePlace('images', block.path)
  const source = parseSource(block.requireObject('source'))
  if (source.kind === 'url') notes.notePlace('imageUrls', block.path)
  if (source.kind === 'file') notes.notePlace('fileIds', block.path)
  const cache = parseCacheMarker(block)
  notes.noteUnread(block)
  return { kind: 'image', source, detail: null, cache }
}

function parseDocument(block: RequestFields, notes: ParseNotes): FilePart {
  if (block.value('context') !== null) {
    throw unsupportedField(block.nameOf('context'), 'Only models of Anthropic take the context of a document.')
  }
  notes.notePlace('files', block.path)
  const source = parseDocumentSource(block.requireObject('source'))
  if (source.kind === 'url') notes.notePlace('fileUrls', block.path)
  if (source.kind === 'file') notes.notePlace('fileIds', block.path)
  const name = block.string('title')
  const cache = parseCacheMarker(block)
  notes.noteUnread(block)
  return { kind: 'file', source, name, cache }
}

function parseDocumentSource(source: RequestFields): Media {
  const type = source.requireString('type')
  if (type === 'text') return encodeText(source.requireString('data'))
  if (type !== 'content') return parseSource(source)
  // A text cut into pieces for citations, which nobody but Anthropic has: the pieces make the text.
  const texts = listBlocks(source, 'content').map((block) => {
    if (block.requireString('type') !== 'text') throw refuseType(block)
    return block.requireString('text')
  })
  return encodeText(texts.join('\n'))
}

function encodeText(text: string): Media {
  return { kind: 'base64', mediaType: 'text/plain', data: Buffer.from(text).toString('base64') }
}

function parseSource(source: RequestFields): Media {
  switch (source.requireString('type')) {
    case 'base64':
      return createMedia(source.requireString('media_type'), source.requireString('data'), source.nameOf('data'))
    case 'url': {
      const url = source.requireString('url')
      if (!/^https?:\/\/[^\s]+$/i.test(url)) throw invalidField(source.nameOf('url'), 'must be an http(s) URL')
      return { kind: 'url', url }
    }
    case 'file':
      return { kind: 'file', id: source.requireString('file_id') }
    default:
      throw refuseType(source)
  }
}

function parseToolResult(block: RequestFields, notes: ParseNotes): ToolResultPart {
  const callId = block.requireString('tool_use_id')
  const parts = listBlocks(block, 'content').map((inner) => {
    const part = parseMediaBlock(inner, notes)
    if (part.kind !== 'text') notes.notePlace('toolResultMedia', inner.path)
    return part
  })
  const isError = block.boolean('is_error') ?? false
  const cache = parseCacheMarker(block)
  notes.noteUnread(block)
  return { kind: 'tool-result', callId, toolName: notes.toolNames.get(callId) ?? null, parts, isError, cache }
}

function refuseType(block: RequestFields): Error {
  const path = block.nameOf('type')
  const type = block.requireString('type').slice(0, 100)
  return unsupportedField(path, `'${path}' '${type}' is not supported by this model.`)
}
