// Contents of messages and of function call outputs: `input_text`, `input_image`, `input_file` and their like.
// https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
import type {
  AssistantPart,
  CacheMarker,
  FilePart,
  ImagePart,
  JsonObject,
  Media,
  TextPart,
} from '../../conversation/conversation.ts'
import { isRecord } from '../../is-record.ts'
import {
  readEnum,
  readObject,
  readString,
  refuseOthers,
  refuseUnsupported,
  refuseValue,
  requireString,
} from './read-field.ts'

export type InputPart = TextPart | ImagePart | FilePart

const textNames = new Set(['type', 'text', 'prompt_cache_breakpoint', 'annotations', 'logprobs'])
const imageNames = new Set(['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint'])
const fileNames = new Set(['type', 'file_data', 'file_id', 'file_url', 'filename', 'detail', 'prompt_cache_breakpoint'])
/** `original`: the image as it is; `high` comes nearest. */
const details = ['auto', 'low', 'high', 'original'] as const

/** `path`: of the content itself, `input[0].content`. */
export function parseInputContent(content: unknown, path: string): readonly InputPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content, cache: null }]
  return mapParts(content, path, (part, at) => {
    switch (part.type) {
      case 'input_text':
      case 'output_text':
        return parseText(part, at)
      case 'input_image':
        return parseImage(part, at)
      case 'input_file':
        return parseFile(part, at)
      default:
        throw refuseType(part, at)
    }
  })
}

export function parseTextContent(content: unknown, path: string): readonly TextPart[] {
  return parseInputContent(content, path).map((part, at) => {
    if (part.kind !== 'text') throw refuseValue(`${path}[${at}].type`, 'must be input_text in a message of this role')
    return part
  })
}

export function parseAssistantContent(content: unknown, path: string): readonly AssistantPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content, cache: null }]
  return mapParts(content, path, (part, at): AssistantPart => {
    switch (part.type) {
      case 'output_text':
      case 'input_text':
        return parseText(part, at)
      case 'refusal':
        return { kind: 'refusal', text: requireString(part, 'refusal', at) }
      default:
        throw refuseType(part, at)
    }
  })
}

function mapParts<T>(content: unknown, path: string, map: (part: JsonObject, path: string) => T): readonly T[] {
  if (!Array.isArray(content)) throw refuseValue(path, 'must be a string or a list')
  return content.map((part: unknown, at) => {
    if (!isRecord(part)) throw refuseValue(`${path}[${at}]`, 'must be an object')
    return map(part, `${path}[${at}].`)
  })
}

function refuseType(part: JsonObject, path: string): Error {
  const type = readString(part, 'type', path)
  if (type === null) return refuseValue(`${path}type`, 'is required')
  return refuseUnsupported(`${path}type`, `'${type}' is not supported by this model`)
}

/** Citations and log probabilities of an earlier answer are about it, not of it. */
function parseText(part: JsonObject, path: string): TextPart {
  refuseOthers(part, textNames, path)
  return { kind: 'text', text: requireString(part, 'text', path), cache: readCache(part, path) }
}

function parseImage(part: JsonObject, path: string): ImagePart {
  refuseOthers(part, imageNames, path)
  const detail = readEnum(part, 'detail', details, path)
  return {
    kind: 'image',
    source: readSource(part, path, 'image_url'),
    detail: detail === 'original' ? 'high' : detail,
    cache: readCache(part, path),
  }
}

function parseFile(part: JsonObject, path: string): FilePart {
  refuseOthers(part, fileNames, path)
  const detail = readEnum(part, 'detail', ['auto', 'low', 'high'], path)
  if (detail !== null && detail !== 'auto') throw refuseUnsupported(`${path}detail`)
  const name = readString(part, 'filename', path)
  const data = readString(part, 'file_data', path)
  const source = data === null ? readSource(part, path, 'file_url') : readData(data, `${path}file_data`)
  return { kind: 'file', source, name, cache: readCache(part, path) }
}

function readSource(part: JsonObject, path: string, urlName: string): Media {
  const url = readString(part, urlName, path)
  if (url === null) return { kind: 'file', id: requireString(part, 'file_id', path) }
  if (url.startsWith('data:')) return readData(url, `${path}${urlName}`)
  if (!/^https?:\/\//i.test(url)) throw refuseValue(`${path}${urlName}`, 'must be an http(s) or data URL')
  return { kind: 'url', url }
}

/** The first bytes of every PDF, `%PDF-`, in base64. */
const pdfStart = 'JVBERi'

function readData(text: string, param: string): Media {
  const comma = text.startsWith('data:') ? text.indexOf(';base64,') : -1
  if (comma > 5) {
    const mediaType = (text.slice(5, comma).split(';')[0] ?? '').toLowerCase()
    return { kind: 'base64', mediaType, data: text.slice(comma + ';base64,'.length) }
  }
  if (text.startsWith(pdfStart)) return { kind: 'base64', mediaType: 'application/pdf', data: text }
  throw refuseValue(param, 'must be a data URL with a media type and base64')
}

/** OpenAI's lifetimes are longer than anybody else's: the nearest. */
function readCache(part: JsonObject, path: string): CacheMarker {
  const marker = readObject(part, 'prompt_cache_breakpoint', path)
  if (marker === null) return null
  return { ttl: (marker.ttl ?? null) === null ? '5m' : '1h' }
}
