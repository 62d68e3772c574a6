// Decodes a whole message of Anthropic's. https://docs.claude.com/en/api/messages
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { type JsonRecord, readList, readRecord, readText } from '../read-json.ts'
import { decodeStopReason } from './decode-stop.ts'
import { decodeUsage } from './decode-usage.ts'

/** Throws `upstream_invalid_response` for what is no message. */
export function decodeAnswer(answer: unknown): readonly AnswerEvent[] {
  const message = readRecord(answer)
  if (!Array.isArray(message.content)) throw new GatewayError('upstream_invalid_response', 'no message')
  const events: AnswerEvent[] = [
    { type: 'start', id: readText(message.id), model: readText(message.model), createdSeconds: null },
  ]
  let calls = 0
  for (const item of readList(message.content)) {
    const block = readRecord(item)
    if (block.type === 'tool_use') {
      events.push(...decodeCall(block, calls++), { type: 'part-end', choice: 0 })
      continue
    }
    const decoded = decodeBlock(block)
    if (decoded.length > 0) events.push(...decoded, { type: 'part-end', choice: 0 })
  }
  const reason = decodeStopReason(readText(message.stop_reason))
  events.push({ type: 'stop', choice: 0, reason, stopSequence: readText(message.stop_sequence) })
  events.push({ type: 'usage', usage: decodeUsage(readRecord(message.usage)) }, { type: 'end' })
  return events
}

/** What its own tools have done has no word: it is only there where they were asked for. */
function decodeBlock(block: JsonRecord): readonly AnswerEvent[] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', choice: 0, text: readText(block.text) ?? '' }]
    case 'thinking': {
      const text = readText(block.thinking) ?? ''
      const signature = readText(block.signature) ?? ''
      return [
        ...(text === '' ? [] : [{ type: 'reasoning', choice: 0, text } as const]),
        ...(signature === '' ? [] : [{ type: 'reasoning-signature', choice: 0, signature } as const]),
      ]
    }
    case 'redacted_thinking':
      return [{ type: 'redacted-reasoning', choice: 0, data: readText(block.data) ?? '' }]
    default:
      return []
  }
}

function decodeCall(block: JsonRecord, call: number): readonly AnswerEvent[] {
  const id = readText(block.id) ?? ''
  const name = readText(block.name) ?? ''
  return [
    { type: 'tool-call', choice: 0, call, id, name, signature: null },
    { type: 'tool-arguments', choice: 0, call, json: JSON.stringify(readRecord(block.input)) },
  ]
}
