// AWS Bedrock's Converse and ConverseStream: JSON, and binary event-stream frames made with AWS's own codec.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
import { EventStreamCodec } from '@smithy/eventstream-codec'
import { readConverseRequest } from './bedrock-request.ts'
import { fail } from './read-strictly.ts'
import type { Said, SaidError, SaidPart, SaidUsage } from './said.ts'
import type { BackendRequest, ScriptedFamily, Understood, Wire } from './scripted-family.ts'
import { type AwsKeys, verifySignature } from './verify-signature.ts'

export function createBedrock(keys: AwsKeys): ScriptedFamily {
  return {
    checkCredential(request) {
      const { headers } = request
      if (headers['x-api-key'] !== undefined || headers['api-key'] !== undefined) return 'a second credential'
      return verifySignature(request, keys)
    },
    read,
    renderError: (error) => {
      const [type, status] = describeError(error)
      const headers = {
        'x-amzn-requestid': 'a1b2c3d4-0000-4000-8000-000000000000',
        'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
      }
      const message = error.isTooLong === true ? 'Input is too long for requested model.' : error.message
      return { status, body: { message }, headers }
    },
  }
}

function read({ url, json }: BackendRequest): Understood {
  const [, encoded = '', operation] = /^\/model\/([^/?]+)\/(converse|converse-stream)$/.exec(url) ?? []
  if (operation === undefined) fail('', `UnknownOperationException ${url}`)
  if (/[^A-Za-z0-9._~%-]/.test(encoded)) fail('', `model id is not encoded: ${encoded}`)
  const heard = readConverseRequest(json)
  return {
    model: decodeURIComponent(encoded),
    heard: { ...heard, isStream: operation === 'converse-stream' },
    wire: bedrockWire,
  }
}

function describeError({ status, isOverloaded = false, message }: SaidError): readonly [string, number] {
  if (isOverloaded) return ['ServiceUnavailableException', 503]
  switch (status) {
    case 400:
      return ['ValidationException', 400]
    case 401:
      return [message.includes('signature') ? 'InvalidSignatureException' : 'AccessDeniedException', 403]
    case 404:
      return ['ResourceNotFoundException', 404]
    case 429:
      return ['ThrottlingException', 429]
    default:
      return ['InternalServerException', 500]
  }
}

export const bedrockWire: Wire = {
  streamMediaType: 'application/vnd.amazon.eventstream',
  renderAnswer: (said) => ({
    metrics: { latencyMs: 551 },
    output: { message: { content: said.parts.map((part, index) => renderBlock(part, index)), role: 'assistant' } },
    stopReason: stopReasons[said.stop],
    usage: renderUsage(said.usage),
  }),
  renderStream,
  renderStreamError: (error) => {
    const [type] = describeError(error)
    const name = `${type.charAt(0).toLowerCase()}${type.slice(1)}`
    return renderFrame({ ':exception-type': name, ':message-type': 'exception' }, { message: error.message })
  },
}

const stopReasons = {
  stop: 'end_turn',
  length: 'max_tokens',
  calls: 'tool_use',
  'stop-sequence': 'stop_sequence',
  filter: 'content_filtered',
  refusal: 'content_filtered',
} as const

function renderUsage({ input, cached, cacheWrite, output }: SaidUsage) {
  return {
    inputTokens: input - cached - cacheWrite,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: cacheWrite,
  }
}

function createUseId(index: number): string {
  return `tooluse_hbTgdi0CSLq_hM4P8csZJ${index}`
}

function renderBlock(part: SaidPart, index: number): object {
  switch (part.kind) {
    case 'text':
      return { text: part.pieces.join('') }
    case 'refusal':
      return { text: part.text }
    case 'reasoning':
      return { reasoningContent: { reasoningText: { signature: part.signature, text: part.pieces.join('') } } }
    case 'redacted':
      return { reasoningContent: { redactedContent: part.data } }
    case 'call':
      return {
        toolUse: { input: JSON.parse(part.json.join('') || '{}'), name: part.name, toolUseId: createUseId(index) },
      }
  }
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text),
)

function renderFrame(headers: Readonly<Record<string, string>>, payload: unknown): Buffer {
  const typed = Object.entries({ ...headers, ':content-type': 'application/json' }).map(([name, value]) => [
    name,
    { type: 'string' as const, value },
  ])
  return Buffer.from(codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(JSON.stringify(payload)) }))
}

function renderStream(said: Said): readonly Buffer[] {
  const frames: Buffer[] = []
  const push = (type: string, payload: object) => {
    // AWS pads its events with the beginning of the alphabet.
    const p = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.slice(0, 3 + ((frames.length * 17) % 40))
    frames.push(renderFrame({ ':event-type': type, ':message-type': 'event' }, { ...payload, p }))
  }
  push('messageStart', { role: 'assistant' })
  for (const [contentBlockIndex, part] of said.parts.entries()) {
    if (part.kind === 'call') {
      const toolUse = { name: part.name, toolUseId: createUseId(contentBlockIndex) }
      push('contentBlockStart', { contentBlockIndex, start: { toolUse } })
    }
    for (const delta of listDeltas(part)) push('contentBlockDelta', { contentBlockIndex, delta })
    push('contentBlockStop', { contentBlockIndex })
  }
  push('messageStop', { stopReason: stopReasons[said.stop] })
  push('metadata', { metrics: { latencyMs: 640 }, usage: renderUsage(said.usage) })
  return frames
}

function listDeltas(part: SaidPart): readonly object[] {
  switch (part.kind) {
    case 'text':
      return part.pieces.map((text) => ({ text }))
    case 'refusal':
      return [{ text: part.text }]
    case 'reasoning':
      return [
        ...part.pieces.map((text) => ({ reasoningContent: { text } })),
        { reasoningContent: { signature: part.signature } },
      ]
    case 'redacted':
      return [{ reasoningContent: { redactedContent: part.data } }]
    case 'call':
      return part.json.map((input) => ({ toolUse: { input } }))
  }
}
