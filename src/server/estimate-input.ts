// How many tokens a request's body may be, by its bytes alone: rather too many than too few.
import { isAscii } from 'node:buffer'

/** English has four bytes a token, code and most other languages three or less; JSON's own text is counted with it. */
const bytesPerToken = 3
/** What an image, a page or a clip of sound counts for, whatever its size: about a large image of OpenAI's models. */
const tokensPerMedia = 1_500

const base64Marker = Buffer.from(';base64,')
const dataScheme = Buffer.from('"data:')
/** Between `"data:` and `;base64,` stands a media type. Bytes. */
const maxMediaTypeBytes = 128

/** The end of `"media_type"`: the search stops at underscores, which text hardly has. */
const typeKeyEnd = Buffer.from('_type"')
const typeKeyStart = Buffer.from('"media')
const dataKey = Buffer.from('"data"')
const base64Value = Buffer.from('"base64"')
/** What stands between the members of a source, a short member among it. Bytes. */
const maxBetweenBytes = 128

type Media = Readonly<{ bytes: number; count: number }>

/** What is sent in base64 counts a fixed number of tokens. Native searches only: 1 MB takes some 50 µs. */
export function estimateInput(body: Buffer): number {
  const uris = findDataUris(body)
  const sources = findSources(body)
  const bytes = body.length - uris.bytes - sources.bytes
  return (uris.count + sources.count) * tokensPerMedia + Math.ceil(bytes / bytesPerToken)
}

/** `data:` URIs, as OpenAI's APIs take them. */
function findDataUris(body: Buffer): Media {
  let bytes = 0
  let count = 0
  for (let at = body.indexOf(base64Marker); at !== -1; ) {
    const start = at + base64Marker.length
    const end = body.indexOf(0x22, start)
    if (end === -1) break
    if (isDataUri(body, at, start, end)) {
      bytes += end - start
      count++
    }
    at = body.indexOf(base64Marker, end)
  }
  return { bytes, count }
}

/** `{"type":"base64","media_type":"…","data":"…"}`, its members in any order. https://docs.claude.com/en/api/messages */
function findSources(body: Buffer): Media {
  let bytes = 0
  let count = 0
  for (let at = body.indexOf(typeKeyEnd); at !== -1; ) {
    let next = at + typeKeyEnd.length
    const key = at - typeKeyStart.length
    if (key >= 0 && body.subarray(key, at).equals(typeKeyStart)) {
      const content = findStringBefore(body, key) ?? findStringBehind(body, next)
      if (content !== null && isSource(body, key, content)) {
        bytes += content.end - content.start
        count++
        next = Math.max(next, content.end)
      }
    }
    at = body.indexOf(typeKeyEnd, next)
  }
  return { bytes, count }
}

type Content = Readonly<{ start: number; end: number }>

/** The string of the member `data` that ends before `from`; null: another one does. */
function findStringBefore(body: Buffer, from: number): Content | null {
  let end = from - 1
  while (isBetween(body[end])) end--
  if (end <= 0 || body[end] !== 0x22) return null
  const start = body.lastIndexOf(0x22, end - 1) + 1
  return body.subarray(Math.max(0, start - maxBetweenBytes), start).includes(dataKey) ? { start, end } : null
}

/** The string of the member `data` that begins soon behind `from`. */
function findStringBehind(body: Buffer, from: number): Content | null {
  const key = body.subarray(from, from + maxBetweenBytes).indexOf(dataKey)
  if (key === -1) return null
  let start = from + key + dataKey.length
  while (isBetween(body[start])) start++
  if (body[start] !== 0x22) return null
  start++
  const end = body.indexOf(0x22, start)
  return end === -1 ? null : { start, end }
}

/** White space, a colon, a comma. */
function isBetween(byte: number | undefined): boolean {
  return byte === 0x3a || byte === 0x2c || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isSource(body: Buffer, key: number, { start, end }: Content): boolean {
  const first = Math.min(key, start)
  const around = [
    body.subarray(Math.max(0, first - maxBetweenBytes), first),
    body.subarray(key, key + 2 * maxBetweenBytes),
    body.subarray(end, end + maxBetweenBytes),
  ]
  return around.some((part) => part.includes(base64Value)) && isBase64(body.subarray(start, end))
}

function isDataUri(body: Buffer, marker: number, start: number, end: number): boolean {
  const open = body.subarray(Math.max(0, marker - maxMediaTypeBytes), marker).lastIndexOf(dataScheme)
  if (open === -1) return false
  return isBase64(body.subarray(start, end))
}

/** Prose that only begins like one is text: base64 has no spaces and nothing but ASCII. */
function isBase64(content: Buffer): boolean {
  return !content.includes(0x20) && isAscii(content)
}
