// A picture or a document as OpenAI's APIs name it: by an address, or whole in a data URL (RFC 2397).
import type { Media } from '../conversation/conversation.ts'
import { invalidField } from './request-fields.ts'

const dataUrl = /^data:([^;,\s]*)((?:;[^;,\s]*)*),/i
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const mediaType = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/

/** Throws `invalid_request` for anything but http(s) and base64 data URLs. */
export function parseMediaUrl(url: string, param: string): Media {
  if (/^https?:\/\/[^\s]+$/i.test(url)) return { kind: 'url', url }
  const head = dataUrl.exec(url)
  if (head === null) throw invalidField(param, 'must be an http(s) URL or a data URL')
  const [whole, type = '', parameters = ''] = head
  if (!/;base64$/i.test(parameters)) throw invalidField(param, 'must be base64 where it is a data URL')
  return createMedia(type, url.slice(whole.length), param)
}

/** `data`: base64, line breaks allowed. `image/jpg` is no type, but many clients' name of one. Throws `invalid_request`. */
export function createMedia(type: string, data: string, param: string): Media {
  const named = type.toLowerCase()
  if (!mediaType.test(named)) throw invalidField(param, 'must name its media type')
  const text = /\s/.test(data) ? data.replace(/\s+/g, '') : data
  if (text === '' || !base64.test(text)) throw invalidField(param, 'holds no valid base64')
  return { kind: 'base64', mediaType: named === 'image/jpg' ? 'image/jpeg' : named, data: text }
}
