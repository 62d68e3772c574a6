// The content of a chat message: a text, or a list of parts.
// https://platform.openai.com/docs/api-reference/chat/create#chat_create-messages
import type { AudioPart, FilePart, ImagePart, Media, RefusalPart, TextPart } from '../../conversation/conversation.ts'
import { createMedia, parseMediaUrl } from '../parse-media-url.ts'
import { invalidField, RequestFields } from '../request-fields.ts'
import type { ParamNames } from './param-names.ts'
import { parseCacheMarker } from './parse-cache-marker.ts'

export type ContentPart = TextPart | RefusalPart | ImagePart | FilePart | AudioPart

/** Null: there is no content. `message`: the object that has it. */
export function parseContent(message: RequestFields, names: ParamNames): readonly ContentPart[] | null {
  const value = message.value('content')
  if (value === null) return null
  if (typeof value === 'string') return [{ kind: 'text', text: value, cache: null }]
  const param = message.nameOf('content')
  if (!Array.isArray(value)) throw invalidField(param, 'must be a string or a list of parts')
  return value.map((part, index) => parsePart(RequestFields.of(part, `${param}[${index}]`), names))
}

/** The content where only text may stand. */
export function parseText(message: RequestFields, names: ParamNames): readonly TextPart[] | null {
  const parts = parseContent(message, names)
  if (parts === null) return null
  return parts.map((part, index) => {
    if (part.kind === 'text') return part
    throw invalidField(`${message.nameOf('content')}[${index}].type`, "must be 'text' in this role")
  })
}

function parsePart(part: RequestFields, names: ParamNames): ContentPart {
  const type = part.word('type', ['text', 'refusal', 'image_url', 'input_audio', 'file'])
  if (type === null) throw invalidField(part.nameOf('type'), 'is required')
  const parsed = parseTyped(type, part, names)
  part.refuseUnread()
  return parsed
}

function parseTyped(
  type: 'text' | 'refusal' | 'image_url' | 'input_audio' | 'file',
  part: RequestFields,
  names: ParamNames,
): ContentPart {
  switch (type) {
    case 'text':
      return { kind: 'text', text: part.requireString('text'), cache: parseCacheMarker(part, names) }
    case 'refusal':
      return { kind: 'refusal', text: part.requireString('refusal') }
    case 'image_url':
      return parseImage(part, names)
    case 'input_audio': {
      const audio = part.requireObject('input_audio')
      names.note('audio', audio.path)
      const format = audio.requireString('format')
      const data = audio.requireString('data')
      audio.refuseUnread()
      return { kind: 'audio', format, data, cache: parseCacheMarker(part, names) }
    }
    case 'file':
      return parseFile(part, names)
  }
}

function parseImage(part: RequestFields, names: ParamNames): ImagePart {
  const image = part.requireObject('image_url')
  names.note('images', image.path)
  const param = image.nameOf('url')
  const source = parseMediaUrl(image.requireString('url'), param)
  if (source.kind === 'url') names.note('imageUrls', param)
  const detail = image.word('detail', ['auto', 'low', 'high'])
  if (detail !== null) names.note('imageDetail', image.nameOf('detail'))
  image.refuseUnread()
  return { kind: 'image', source, detail, cache: parseCacheMarker(part, names) }
}

function parseFile(part: RequestFields, names: ParamNames): FilePart {
  const file = part.requireObject('file')
  names.note('files', file.path)
  const name = file.string('filename')
  const id = file.string('file_id')
  const data = file.string('file_data')
  if ((id === null) === (data === null)) throw invalidField(file.path, "must have one of 'file_id' and 'file_data'")
  file.refuseUnread()
  const source: Media = data === null ? { kind: 'file', id: id ?? '' } : parseFileData(data, name, file)
  if (source.kind === 'file') names.note('fileIds', file.nameOf('file_id'))
  if (source.kind === 'url') names.note('fileUrls', file.nameOf('file_data'))
  return { kind: 'file', source, name, cache: parseCacheMarker(part, names) }
}

/** OpenAI also takes base64 alone, its type told by the file's name. */
function parseFileData(data: string, name: string | null, file: RequestFields): Media {
  const param = file.nameOf('file_data')
  if (/^(?:data|https?):/i.test(data)) return parseMediaUrl(data, param)
  return createMedia(name?.toLowerCase().endsWith('.txt') ? 'text/plain' : 'application/pdf', data, param)
}
