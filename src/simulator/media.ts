// Pictures and sound, as small as they can be and still be valid: a PNG of one colour, a WAV with a tone.
// https://platform.openai.com/docs/api-reference/images and …/audio
import { crc32, deflateSync } from 'node:zlib'
import { type Answer, jsonAnswer, type SimulatedRequest } from './answer.ts'
import { hashText } from './random.ts'
import { readChoiceCount } from './read-options.ts'
import { RequestError } from './request-error.ts'
import { countTokens } from './tokens.ts'

export function answerImage(request: SimulatedRequest): Answer {
  const { body } = request
  if (typeof body.prompt !== 'string') {
    throw new RequestError(400, 'invalid_request', "'prompt' must be a text.", 'prompt')
  }
  const prompt = body.prompt
  const data = Array.from({ length: readChoiceCount(body) }, (_, index) => {
    const base64 = renderPng(hashText(`${prompt}#${index}`)).toString('base64')
    return body.response_format === 'url' ? { url: `data:image/png;base64,${base64}` } : { b64_json: base64 }
  })
  const inputTokens = countTokens(prompt)
  const usage = { input_tokens: inputTokens, output_tokens: data.length, total_tokens: inputTokens + data.length }
  return jsonAnswer({ created: request.createdSeconds, data, usage })
}

/** Speech is a tone whose pitch comes from the text; always WAV, or bare samples for `pcm`. */
export function answerSpeech({ body }: SimulatedRequest): Answer {
  if (typeof body.input !== 'string') {
    throw new RequestError(400, 'invalid_request', "'input' must be a text.", 'input')
  }
  const samples = renderTone(220 + (hashText(body.input) % 440))
  if (body.response_format === 'pcm') return { kind: 'bytes', contentType: 'audio/pcm', body: samples }
  return { kind: 'bytes', contentType: 'audio/wav', body: Buffer.concat([renderWavHead(samples.length), samples]) }
}

/** A transcript can only name what it was given: nobody listens. `form` is the raw multipart body. */
export function answerTranscription(form: Buffer): Answer {
  const text = `A recording of ${form.length} bytes.`
  return jsonAnswer({ text, usage: { type: 'duration', seconds: 1 } }, countTokens(text))
}

const imageSize = 8

function renderPng(colour: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(imageSize, 0)
  head.writeUInt32BE(imageSize, 4)
  // 8 bits a sample, RGB.
  head.set([8, 2], 8)
  const row = [
    0,
    ...Array.from({ length: imageSize }, () => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255]),
  ].flat()
  const pixels = deflateSync(Buffer.from(Array.from({ length: imageSize }, () => row).flat()))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    ...[renderPngChunk('IHDR', head), renderPngChunk('IDAT', pixels), renderPngChunk('IEND', Buffer.alloc(0))],
  ])
}

function renderPngChunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const chunk = Buffer.alloc(typed.length + 8)
  chunk.writeUInt32BE(content.length, 0)
  typed.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(typed), typed.length + 4)
  return chunk
}

const sampleRate = 8000
const toneSeconds = 0.1

function renderTone(frequency: number): Buffer {
  const count = sampleRate * toneSeconds
  const samples = Buffer.alloc(count * 2)
  for (let at = 0; at < count; at++) {
    samples.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * frequency * at) / sampleRate)), at * 2)
  }
  return samples
}

function renderWavHead(byteCount: number): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + byteCount, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  // PCM, one channel, 16 bits.
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(sampleRate, 24)
  head.writeUInt32LE(sampleRate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(byteCount, 40)
  return head
}
