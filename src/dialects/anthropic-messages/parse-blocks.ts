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
import {
  type Fields,
  notePlace,
  noteUnknown,
  type ParseNotes,
  readArray,
  readFlagOrNull,
  readRecord,
  readText,
  readTextOrNull,
  refuseInvalid,
  refuseUnsupported,
} from './fields.ts'

/** A string is a list of one text. */
export function listBlocks(content: unknown, path: string): readonly Fields[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return readArray(content, path).map((block, index) => readRecord(block, `${path}[${index}]`))
}

/** https://docs.claude.com/en/docs/build-with-claude/prompt-caching: five minutes unless it says an hour. */
export function parseCacheMarker(value: unknown, path: string): CacheMarker {
  if (value == null) return null
  const { type, ttl } = readRecord(value, path)
  if (type !== 'ephemeral') throw refuseInvalid(`${path}.type`, "must be 'ephemeral'")
  if (ttl != null && ttl !== '5m' && ttl !== '1h') throw refuseInvalid(`${path}.ttl`, "must be '5m' or '1h'")
  return { ttl: ttl === '1h' ? '1h' : '5m' }
}

export function parseTextBlock(block: Fields, path: string, notes: ParseNotes): TextPart {
  if (block.type !== 'text') throw refuseType(block, path)
  noteUnknown(block, textFields, path, notes)
  return {
    kind: 'text',
    text: readText(block.text, `${path}.text`),
    cache: parseCacheMarker(block.cache_control, `${path}.cache_control`),
  }
}

export function parseUserBlock(block: Fields, path: string, notes: ParseNotes): UserPart {
  return block.type === 'tool_result' ? parseToolResult(block, path, notes) : parseMediaBlock(block, path, notes)
}

export function parseAssistantBlock(block: Fields, path: string, notes: ParseNotes): AssistantPart {
  switch (block.type) {
    case 'text':
      return parseTextBlock(block, path, notes)
    case 'thinking': {
      noteUnknown(block, thinkingFields, path, notes)
      notePlace(notes, 'reasoningHistory', path)
      // An empty signature is what an answer of a backend without signatures was rendered with.
      const signature = readTextOrNull(block.signature, `${path}.signature`) || null
      return { kind: 'reasoning', text: readText(block.thinking, `${path}.thinking`), signature }
    }
    case 'redacted_thinking':
      noteUnknown(block, redactedFields, path, notes)
      notePlace(notes, 'reasoningHistory', path)
      return { kind: 'redacted-reasoning', data: readText(block.data, `${path}.data`) }
    case 'tool_use': {
      noteUnknown(block, toolUseFields, path, notes)
      const id = readText(block.id, `${path}.id`)
      const name = readText(block.name, `${path}.name`)
      notes.toolNames.set(id, name)
      return {
        kind: 'tool-call',
        id,
        name,
        arguments: JSON.stringify(readRecord(block.input, `${path}.input`)),
        signature: null,
        cache: parseCacheMarker(block.cache_control, `${path}.cache_control`),
      }
    }
    default:
      throw refuseType(block, path)
  }
}

function parseMediaBlock(block: Fields, path: string, notes: ParseNotes): TextPart | ImagePart | FilePart {
  switch (block.type) {
    case 'text':
      return parseTextBlock(block, path, notes)
    case 'image':
      return parseImage(block, path, notes)
    case 'document':
      return parseDocument(block, path, notes)
    default:
      throw refuseType(block, path)
  }
}

function parseImage(block: Fields, path: string, notes: ParseNotes): ImagePart {
  noteUnknown(block, imageFields, path, notes)
  notePlace(notes, 'images', path)
  const source = parseSource(readRecord(block.source, `${path}.source`), `${path}.source`)
  if (source.kind === 'url') notePlace(notes, 'imageUrls', path)
  if (source.kind === 'file') notePlace(notes, 'fileIds', path)
  return { kind: 'image', source, detail: null, cache: parseCacheMarker(block.cache_control, `${path}.cache_control`) }
}

function parseDocument(block: Fields, path: string, notes: ParseNotes): FilePart {
  if (block.context != null) throw refuseUnsupported(`${path}.context`, 'is only supported by models of Anthropic')
  noteUnknown(block, documentFields, path, notes)
  notePlace(notes, 'files', path)
  const source = parseDocumentSource(readRecord(block.source, `${path}.source`), `${path}.source`)
  if (source.kind === 'url') notePlace(notes, 'fileUrls', path)
  if (source.kind === 'file') notePlace(notes, 'fileIds', path)
  return {
    kind: 'file',
    source,
    name: readTextOrNull(block.title, `${path}.title`),
    cache: parseCacheMarker(block.cache_control, `${path}.cache_control`),
  }
}

function parseDocumentSource(source: Fields, path: string): Media {
  if (source.type === 'text') return encodeText(readText(source.data, `${path}.data`))
  if (source.type !== 'content') return parseSource(source, path)
  // A text cut into pieces for citations, which nobody but Anthropic has: the pieces make the text.
  const texts = listBlocks(source.content, `${path}.content`).map((block, index) => {
    if (block.type !== 'text') throw refuseType(block, `${path}.content[${index}]`)
    return readText(block.text, `${path}.content[${index}].text`)
  })
  return encodeText(texts.join('\n'))
}

function encodeText(text: string): Media {
  return { kind: 'base64', mediaType: 'text/plain', data: Buffer.from(text).toString('base64') }
}

function parseSource(source: Fields, path: string): Media {
  switch (source.type) {
    case 'base64':
      return {
        kind: 'base64',
        mediaType: readText(source.media_type, `${path}.media_type`),
        data: readText(source.data, `${path}.data`),
      }
    case 'url': {
      const url = readText(source.url, `${path}.url`)
      if (!/^https?:\/\//i.test(url)) throw refuseInvalid(`${path}.url`, 'must begin with http:// or https://')
      return { kind: 'url', url }
    }
    case 'file':
      return { kind: 'file', id: readText(source.file_id, `${path}.file_id`) }
    default:
      throw refuseType(source, path)
  }
}

function parseToolResult(block: Fields, path: string, notes: ParseNotes): ToolResultPart {
  noteUnknown(block, toolResultFields, path, notes)
  const callId = readText(block.tool_use_id, `${path}.tool_use_id`)
  const blocks = block.content == null ? [] : listBlocks(block.content, `${path}.content`)
  const parts = blocks.map((inner, index) => parseMediaBlock(inner, `${path}.content[${index}]`, notes))
  const mediaAt = parts.findIndex(({ kind }) => kind !== 'text')
  if (mediaAt >= 0) notePlace(notes, 'toolResultMedia', `${path}.content[${mediaAt}]`)
  return {
    kind: 'tool-result',
    callId,
    toolName: notes.toolNames.get(callId) ?? null,
    parts,
    isError: readFlagOrNull(block.is_error, `${path}.is_error`) ?? false,
    cache: parseCacheMarker(block.cache_control, `${path}.cache_control`),
  }
}

function refuseType({ type }: Fields, path: string): Error {
  if (typeof type !== 'string') return refuseInvalid(`${path}.type`, 'must be a string')
  return refuseUnsupported(`${path}.type`, `'${type.slice(0, 100)}' is not supported by this model`)
}

const textFields = new Set(['type', 'text', 'cache_control'])
const thinkingFields = new Set(['type', 'thinking', 'signature'])
const redactedFields = new Set(['type', 'data'])
const toolUseFields = new Set(['type', 'id', 'name', 'input', 'cache_control'])
const toolResultFields = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control'])
const imageFields = new Set(['type', 'source', 'cache_control'])
const documentFields = new Set(['type', 'source', 'title', 'cache_control', 'context'])
