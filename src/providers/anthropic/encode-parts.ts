// Encodes the parts of turns as Anthropic's content blocks. https://docs.claude.com/en/api/messages
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
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { isRecord } from '../../is-record.ts'
import { parseJsonText } from '../read-json.ts'

/** https://docs.claude.com/en/docs/build-with-claude/prompt-caching: five minutes is the default. */
export function encodeCacheMarker(cache: CacheMarker): object | undefined {
  if (cache === null) return undefined
  return cache.ttl === '1h' ? { type: 'ephemeral', ttl: '1h' } : { type: 'ephemeral' }
}

export function encodeText({ text, cache }: TextPart): object {
  return mark({ type: 'text', text }, cache)
}

/** Throws UnsupportedFeature for media of a type it can't read. */
export function encodeUserPart(part: Exclude<UserPart, ToolResultPart>): object {
  switch (part.kind) {
    case 'text':
      return encodeText(part)
    case 'image':
      return encodeImage(part)
    case 'file':
      return encodeDocument(part)
    case 'audio':
      throw new UnsupportedFeature('audio', 'This model takes no audio.')
  }
}

export function encodeAssistantPart(part: AssistantPart): object {
  switch (part.kind) {
    case 'text':
      return encodeText(part)
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return { type: 'thinking', thinking: part.text, signature: part.signature ?? '' }
    case 'redacted-reasoning':
      return { type: 'redacted_thinking', data: part.data }
    case 'tool-call': {
      const input = part.arguments.trim() === '' ? {} : parseJsonText(part.arguments)
      if (!isRecord(input)) {
        throw new UnsupportedFeature(
          'tools',
          `The arguments of the call '${part.id.slice(0, 100)}' are no JSON object.`,
        )
      }
      return mark({ type: 'tool_use', id: encodeCallId(part.id), name: part.name, input }, part.cache)
    }
  }
}

/** A text of nothing is refused there, and a result may be none. */
export function encodeToolResult({ callId, parts, isError, cache }: ToolResultPart): object {
  const said = parts.filter((part) => part.kind !== 'text' || part.text !== '')
  const [only, other] = said
  const isPlain = only?.kind === 'text' && other === undefined && only.cache === null
  return mark(
    {
      type: 'tool_result',
      tool_use_id: encodeCallId(callId),
      ...(only === undefined ? {} : { content: isPlain ? only.text : said.map(encodeUserPart) }),
      ...(isError ? { is_error: true } : {}),
    },
    cache,
  )
}

/** Ids that others made may hold what is refused there. */
function encodeCallId(id: string): string {
  return id.replace(/[^\w-]/g, '_')
}

const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])

/** https://docs.claude.com/en/docs/build-with-claude/vision */
function encodeImage({ source, cache }: ImagePart): object {
  if (source.kind === 'base64' && !imageTypes.has(source.mediaType)) {
    throw new UnsupportedFeature('images', `This model takes no images of the type ${source.mediaType.slice(0, 100)}.`)
  }
  return mark({ type: 'image', source: encodeSource(source) }, cache)
}

/** https://docs.claude.com/en/docs/build-with-claude/pdf-support: PDF whole, text as text. */
function encodeDocument({ source, name, cache }: FilePart): object {
  if (source.kind === 'base64' && imageTypes.has(source.mediaType)) {
    return mark({ type: 'image', source: encodeSource(source) }, cache)
  }
  const title = name === null ? {} : { title: name }
  return mark({ type: 'document', source: encodeDocumentSource(source), ...title }, cache)
}

function encodeDocumentSource(source: Media): object {
  if (source.kind !== 'base64' || source.mediaType === 'application/pdf') return encodeSource(source)
  if (!source.mediaType.startsWith('text/')) {
    throw new UnsupportedFeature('files', `This model takes no files of the type ${source.mediaType.slice(0, 100)}.`)
  }
  return { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString() }
}

function encodeSource(source: Media): object {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      return { type: 'file', file_id: source.id }
  }
}

function mark<T extends object>(block: T, cache: CacheMarker): object {
  return cache === null ? block : { ...block, cache_control: encodeCacheMarker(cache) }
}
