// Owns finding the `model` field of a multipart/form-data body (RFC 7578) without copying or decoding the rest.
// Stricter than the RFCs: what two parsers could read as two different models is refused.
import { isUtf8 } from 'node:buffer'
import { GatewayError } from '../errors/gateway-error.ts'

export type MultipartScan = Readonly<{
  /** Null if there is none. */
  model: string | null
  /** The bytes of the field's value, `[start, end)`; 0 and 0 if there is none. */
  modelStart: number
  modelEnd: number
  /** The `stream` field is `true`. */
  stream: boolean
}>

const maxParts = 128
const maxPartHeadBytes = 8_192
const maxModelBytes = 1_024
const headEnd = Buffer.from('\r\n\r\n')

/**
 * Scans a body with the Content-Type it came with. Throws `unsupported_media_type` for another type and
 * `invalid_request` for a body that isn't whole and strict: CRLF line ends, the first boundary at the start, nothing
 * behind the last one, every part a named form-data field, at most one `model` and one `stream` field, plain text both.
 */
export function scanMultipart(body: Buffer, contentType: string): MultipartScan {
  const delimiter = Buffer.from(`\r\n--${parseBoundary(contentType)}`, 'latin1')
  let model: string | null = null
  let modelStart = 0
  let modelEnd = 0
  let stream: string | null = null

  // The first delimiter stands at the very start, without the line end before it.
  const opening = delimiter.subarray(2)
  if (!body.subarray(0, opening.length).equals(opening)) throw refuse('no boundary at the start')
  let at = opening.length
  for (let parts = 0; !isLast(body, at); parts++) {
    if (parts === maxParts) throw refuse('too many parts')
    if (body[at] !== 0x0d || body[at + 1] !== 0x0a) throw refuse('bad boundary line')
    // From the line end of the boundary: a part without any header ends at once.
    const headStop = body.indexOf(headEnd, at)
    if (headStop === -1 || headStop - at > maxPartHeadBytes) throw refuse('bad part head')
    const start = headStop + headEnd.length
    // From two bytes before the value: an empty value shares its line end with the head.
    const end = body.indexOf(delimiter, start - 2)
    if (end === -1) throw refuse('no closing boundary')
    const head = parsePartHead(headStop > at ? body.toString('latin1', at + 2, headStop) : '')
    const valueEnd = Math.max(start, end)
    if (head.name === 'model') {
      if (model !== null) throw refuse('model is given twice')
      model = readField(body, start, valueEnd, head)
      modelStart = start
      modelEnd = valueEnd
    } else if (head.name === 'stream') {
      if (stream !== null) throw refuse('stream is given twice')
      stream = readField(body, start, valueEnd, head)
    } else if (/^(model|stream)(\[.*)?$/i.test(head.name)) {
      throw refuse('model or stream in another spelling')
    }
    at = end + delimiter.length
  }
  return { model, modelStart, modelEnd, stream: stream === 'true' }
}

/** Behind a delimiter: is it the closing one? Only a line end may follow that. */
function isLast(body: Buffer, at: number): boolean {
  if (body[at] !== 0x2d || body[at + 1] !== 0x2d) return false
  const left = body.length - at - 2
  if (left === 0 || (left === 2 && body[at + 2] === 0x0d && body[at + 3] === 0x0a)) return true
  throw refuse('data after the closing boundary')
}

const typePattern = /^multipart\/form-data(?=[ \t]*;)/i
const parameterPattern =
  /[ \t]*;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))[ \t]*/y
const boundaryPattern = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/

function parseBoundary(contentType: string): string {
  const type = typePattern.exec(contentType)
  if (type === null) throw new GatewayError('unsupported_media_type', 'not multipart/form-data')
  const boundary = parseParameters(contentType, type[0].length).get('boundary')
  if (boundary === undefined || !boundaryPattern.test(boundary)) throw refuse('bad boundary')
  return boundary
}

/** `; name=value; name="value"` from an offset to the end; nothing twice. Names lower case. */
function parseParameters(text: string, from: number): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  parameterPattern.lastIndex = from
  while (parameterPattern.lastIndex < text.length) {
    const match = parameterPattern.exec(text)
    const name = match?.[1]?.toLowerCase()
    if (match === null || name === undefined || parameters.has(name)) throw refuse('bad header parameters')
    parameters.set(name, match[3] ?? (match[2] ?? '').replace(/\\(.)/g, '$1'))
  }
  parameterPattern.lastIndex = 0
  return parameters
}

type PartHead = Readonly<{ name: string; isPlainText: boolean }>

function parsePartHead(text: string): PartHead {
  let name: string | null = null
  let isPlainText = true
  for (const line of text.split('\r\n')) {
    const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n]*)$/.exec(line)
    if (match === null) throw refuse('bad part header')
    const value = match[2] ?? ''
    switch (match[1]?.toLowerCase()) {
      case 'content-disposition': {
        if (name !== null) throw refuse('two Content-Dispositions')
        const type = /^form-data(?=[ \t]*;)/i.exec(value)
        if (type === null) throw refuse('part that is not form-data')
        const parameters = parseParameters(value, type[0].length)
        name = parameters.get('name') ?? null
        if (name === null || parameters.has('name*')) throw refuse('part without a plain name')
        if (parameters.has('filename') || parameters.has('filename*')) isPlainText = false
        break
      }
      case 'content-transfer-encoding':
        if (!/^(?:7bit|8bit|binary)$/i.test(value)) isPlainText = false
        break
    }
  }
  if (name === null) throw refuse('part without a Content-Disposition')
  return { name, isPlainText }
}

function readField(body: Buffer, start: number, end: number, head: PartHead): string {
  if (!head.isPlainText) throw refuse(`${head.name} must be a plain field`)
  if (end - start > maxModelBytes) throw refuse(`${head.name} is too long`)
  const bytes = body.subarray(start, end)
  for (const byte of bytes) if (byte < 0x20 || byte === 0x7f) throw refuse(`${head.name} has a control byte`)
  if (!isUtf8(bytes)) throw refuse(`${head.name} is not UTF-8`)
  return bytes.toString('utf8')
}

function refuse(problem: string): GatewayError {
  return new GatewayError('invalid_request', `multipart body: ${problem}`, {
    publicText: `The multipart body is not valid: ${problem}.`,
  })
}
