// How many tokens a request's body may be, by its bytes alone: rather too many than too few.
import { isAscii } from 'node:buffer'

/** English has four bytes a token, code and most other languages three or less; JSON's own text is counted with it. */
const bytesPerToken = 3
/** What an image, a page or a clip of sound counts for, whatever its size: about a large image of OpenAI's models. */
const tokensPerDataUri = 1_500

const base64Marker = Buffer.from(';base64,')
const dataScheme = Buffer.from('"data:')
/** Between `"data:` and `;base64,` stands a media type. Bytes. */
const maxMediaTypeBytes = 128

/** A `data:` URI counts a fixed number of tokens, not its base64. Native searches only: 1 MB takes some 50 µs. */
export function estimateInput(body: Buffer): number {
  let bytes = body.length
  let tokens = 0
  for (let at = body.indexOf(base64Marker); at !== -1; ) {
    const start = at + base64Marker.length
    const end = body.indexOf(0x22, start)
    if (end === -1) break
    if (isDataUri(body, at, start, end)) {
      bytes -= end - start
      tokens += tokensPerDataUri
    }
    at = body.indexOf(base64Marker, end)
  }
  return tokens + Math.ceil(bytes / bytesPerToken)
}

/** Prose that only begins like one is text: base64 has no spaces and nothing but ASCII. */
function isDataUri(body: Buffer, marker: number, start: number, end: number): boolean {
  const open = body.subarray(Math.max(0, marker - maxMediaTypeBytes), marker).lastIndexOf(dataScheme)
  if (open === -1) return false
  const content = body.subarray(start, end)
  return !content.includes(0x20) && isAscii(content)
}
