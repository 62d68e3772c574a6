// Contents of messages and of function call outputs: `input_text`, `input_image`, `input_file` and their like.
// https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
import type { CacheMarker, FilePart, ImagePart, Media, RefusalPart, TextPart } from '../../conversation/conversation.ts'
import { createMedia, parseMediaUrl } from '../parse-media-url.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import type { ParamNames } from './param-names.ts'

export type ContentPart = TextPart | RefusalPart | ImagePart | FilePart

/** `name`: of the field that has the content, a string or a list. Throws where there is none. */
export function parseContent(item: RequestFields, name: string, names: ParamNames): readonly ContentPart[] {
  const value = item.value(name)
  if (typeof value === 'string') return [{ kind: 'text', text: value, cache: null }]
  const param = item.nameOf(name)
  if (!Array.isArray(value)) throw invalidField(param, 'must be a string or a list')
  return value.map((part: unknown, at) => {
    const fields = RequestFields.of(part, `${param}[${at}]`)
    const parsed = parsePart(fields, names)
    fields.refuseUnread()
    return parsed
  })
}

function parsePart(part: RequestFields, names: ParamNames): ContentPart {
  const type = part.requireString('type')
  if (type === 'input_text' || type === 'output_text') {
    // Citations and log probabilities of an earlier answer are about it, not of it, and so is what the client read.
    for (const name of ['annotations', 'logprobs', 'parsed']) part.value(name)
    return { kind: 'text', text: part.requireString('text'), cache: parseCache(part, names) }
  }
  if (type === 'refusal') return { kind: 'refusal', text: part.requireString('refusal') }
  if (type === 'input_image') return parseImage(part, names)
  if (type === 'input_file') return parseFile(part, names)
  throw unsupportedField(part.nameOf('type'), `Contents of type '${type}' are not supported here.`)
}

function parseImage(part: RequestFields, names: ParamNames): ImagePart {
  names.note('images', part.path)
  // `original` is the image as it is; `high` comes nearest.
  const detail = part.word('detail', ['auto', 'low', 'high', 'original'])
  if (detail !== null) names.note('imageDetail', part.nameOf('detail'))
  const source = parseSource(part, 'image_url', names)
  if (source.kind === 'url') names.note('imageUrls', part.nameOf('image_url'))
  return { kind: 'image', source, detail: detail === 'original' ? 'high' : detail, cache: parseCache(part, names) }
}

function parseFile(part: RequestFields, names: ParamNames): FilePart {
  names.note('files', part.path)
  part.skip('detail', (value) => value === 'auto')
  const name = part.string('filename')
  const data = part.string('file_data')
  const source = data === null ? parseSource(part, 'file_url', names) : parseFileData(data, name, part)
  if (source.kind === 'url') names.note('fileUrls', part.nameOf('file_url'))
  return { kind: 'file', source, name, cache: parseCache(part, names) }
}

function parseSource(part: RequestFields, urlName: string, names: ParamNames): Media {
  const url = part.string(urlName)
  const id = part.string('file_id')
  if (url !== null) return parseMediaUrl(url, part.nameOf(urlName))
  if (id === null) throw invalidField(part.path, `must have one of '${urlName}' and 'file_id'`)
  names.note('fileIds', part.nameOf('file_id'))
  return { kind: 'file', id }
}

/** OpenAI also takes base64 alone, its type told by the file's name. */
function parseFileData(data: string, name: string | null, part: RequestFields): Media {
  const param = part.nameOf('file_data')
  if (/^data:/i.test(data)) return parseMediaUrl(data, param)
  return createMedia(name?.toLowerCase().endsWith('.txt') ? 'text/plain' : 'application/pdf', data, param)
}

/** OpenAI's lifetimes are longer than anybody else's: the nearest. */
function parseCache(part: RequestFields, names: ParamNames): CacheMarker {
  const marker = part.object('prompt_cache_breakpoint')
  if (marker === null) return null
  names.note('cacheMarkers', part.nameOf('prompt_cache_breakpoint'))
  marker.word('mode', ['explicit'])
  const ttl = marker.word('ttl', ['30m', '12h'])
  marker.refuseUnread()
  return { ttl: ttl === null ? '5m' : '1h' }
}
