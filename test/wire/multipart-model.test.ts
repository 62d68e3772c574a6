import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/errors/gateway-error.ts'
import { scanMultipart } from '../../src/wire/multipart-model.ts'

const type = 'multipart/form-data; boundary=XX'
const field = (name: string, value: string, more = ''): string =>
  `--XX\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
const file =
  '--XX\r\nContent-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/wav\r\n\r\n\0\xff\r\n--XY\r\n\r\n--X\r\n'
const end = '--XX--\r\n'

function refusal(text: string, contentType = type): string {
  try {
    scanMultipart(Buffer.from(text, 'latin1'), contentType)
  } catch (error) {
    if (error instanceof GatewayError) return error.code
    throw error
  }
  throw new Error(`accepted ${text}`)
}

describe('what it finds', () => {
  test.each([
    ['in front of the file', field('model', 'whisper-1') + file + end],
    ['behind it', file + field('model', 'whisper-1') + end],
    ['without a last line end', `${field('model', 'whisper-1')}--XX--`],
    [
      'with a type',
      `--XX\r\ncontent-type: text/plain\r\ncontent-disposition: FORM-DATA; name=model\r\n\r\nwhisper-1\r\n${end}`,
    ],
  ])('the model, %s', (_, text) => {
    const body = Buffer.from(text, 'latin1')
    const found = scanMultipart(body, type)
    expect(found).toMatchObject({ model: 'whisper-1', stream: false })
    expect(body.toString('latin1', found.modelStart, found.modelEnd)).toBe('whisper-1')
  })

  test('nothing, an empty value, and a stream', () => {
    expect(scanMultipart(Buffer.from(file + end, 'latin1'), type)).toEqual({
      model: null,
      modelStart: 0,
      modelEnd: 0,
      stream: false,
    })
    expect(scanMultipart(Buffer.from(field('model', '') + end), type).model).toBe('')
    expect(scanMultipart(Buffer.from(field('stream', 'true') + end), type).stream).toBe(true)
    expect(scanMultipart(Buffer.from('--XX--'), type).model).toBeNull()
  })

  test('what the platform itself makes', async () => {
    const form = new FormData()
    form.set('file', new Blob(['\r\n--model\r\n']), 'a "b".wav')
    form.set('model', 'whisper-1')
    const request = new Request('http://x', { method: 'POST', body: form })
    const body = Buffer.from(await request.clone().arrayBuffer())
    expect(scanMultipart(body, request.headers.get('content-type') ?? '').model).toBe('whisper-1')
  })

  test('a quoted boundary with every allowed sign', () => {
    const boundary = "a'()+_,-./:=?b c"
    const text = field('model', 'm').replaceAll('XX', boundary) + end.replaceAll('XX', boundary)
    expect(scanMultipart(Buffer.from(text), `Multipart/Form-Data ; x=y; Boundary="${boundary}"`).model).toBe('m')
  })
})

describe('what it refuses', () => {
  test.each([
    ['two models', field('model', 'a') + field('model', 'b') + end],
    ['two models, one with an escape in its name', field('model', 'a') + field('mod\\el', 'b') + end],
    ['two streams', field('stream', 'true') + field('stream', 'false') + end],
    ['a model that is a file', field('model', 'a', '; filename="x"') + end],
    [
      'an encoded model',
      `--XX\r\nContent-Disposition: form-data; name="model"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n${end}`,
    ],
    ['a model of two lines', field('model', 'a\r\nb') + end],
    ['a model that is not UTF-8', field('model', '\xff') + end],
    ['a long model', field('model', 'a'.repeat(1_025)) + end],
    ['two names', `--XX\r\nContent-Disposition: form-data; name="a"; name="model"\r\n\r\nb\r\n${end}`],
    ['an extended name', `--XX\r\nContent-Disposition: form-data; name="a"; name*=UTF-8''model\r\n\r\nb\r\n${end}`],
    ['no name', `--XX\r\nContent-Disposition: form-data\r\n\r\nb\r\n${end}`],
    [
      'two dispositions',
      `--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=model\r\n\r\nb\r\n${end}`,
    ],
    ['no disposition', `--XX\r\nContent-Type: text/plain\r\n\r\nb\r\n${end}`],
    ['no head', `--XX\r\n\r\nb\r\n${end}`],
    ['a folded head', `--XX\r\nContent-Disposition: form-data;\r\n name="model"\r\n\r\nb\r\n${end}`],
    ['bare line feeds', (field('model', 'a') + end).replaceAll('\r\n', '\n')],
    ['a preamble', `x\r\n${field('model', 'a')}${end}`],
    ['an epilogue', `${field('model', 'a')}${end}x`],
    ['no closing boundary', field('model', 'a')],
    ['another boundary', field('model', 'a').replace('XX', 'XY') + end],
    ['a boundary that goes on', `${field('model', 'a')}--XXY\r\n\r\n${end}`],
    ['white space behind a boundary', `${field('model', 'a')}--XX \r\n\r\n${end}`],
    ['too many parts', field('a', 'b').repeat(129) + end],
    ['a long head', field('a', 'b', `; x="${'y'.repeat(8_192)}"`) + end],
    ['nothing at all', ''],
  ])('%s', (_, text) => {
    expect(refusal(text)).toBe('invalid_request')
  })

  test.each([
    ['application/json', 'unsupported_media_type'],
    ['multipart/mixed; boundary=XX', 'unsupported_media_type'],
    ['multipart/form-data', 'unsupported_media_type'],
    ['multipart/form-data;', 'invalid_request'],
    ['multipart/form-data; boundary=', 'invalid_request'],
    ['multipart/form-data; boundary=XX; boundary=YY', 'invalid_request'],
    ['multipart/form-data; boundary="XX "', 'invalid_request'],
    [`multipart/form-data; boundary=${'X'.repeat(71)}`, 'invalid_request'],
  ])('type %s', (contentType, code) => {
    expect(refusal(field('model', 'a') + end, contentType)).toBe(code)
  })
})
