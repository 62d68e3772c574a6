// A whole answer of Converse as events. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { readList, readRecord, readText } from '../read-json.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { readUsage } from './read-usage.ts'

const choice = 0

/** Throws GatewayError `upstream_invalid_response` where it is none. */
export function decodeConverseAnswer(answer: unknown): readonly AnswerEvent[] {
  const { output, stopReason, usage, additionalModelResponseFields } = readRecord(answer)
  const message = readRecord(output).message
  const said = readText(stopReason)
  if (!isRecord(message) || said === null) {
    throw new GatewayError('upstream_invalid_response', 'no message in the answer of Converse')
  }
  const reason = mapStopReason(said)
  if (reason === null) throw new GatewayError('upstream_invalid_response', `Converse stopped with ${said}`)
  const events: AnswerEvent[] = [{ type: 'start', id: null, model: null, createdSeconds: null }]
  let calls = 0
  for (const block of readList(message.content)) {
    const { text, toolUse, reasoningContent, citationsContent } = readRecord(block)
    if (typeof text === 'string') events.push({ type: 'text', choice, text })
    else if (isRecord(toolUse)) decodeToolUse(toolUse, calls++, events)
    else if (isRecord(reasoningContent)) decodeReasoning(reasoningContent, events)
    else if (isRecord(citationsContent)) {
      const texts = readList(citationsContent.content).map((item) => readText(readRecord(item).text) ?? '')
      events.push({ type: 'text', choice, text: texts.join('') })
    } else continue
    events.push({ type: 'part-end', choice })
  }
  const stopSequence = readText(readRecord(additionalModelResponseFields).stop_sequence)
  events.push({ type: 'stop', choice, reason, stopSequence })
  events.push({ type: 'usage', usage: readUsage(usage) }, { type: 'end' })
  return events
}

function decodeToolUse(toolUse: Readonly<Record<string, unknown>>, call: number, events: AnswerEvent[]): void {
  const id = readText(toolUse.toolUseId)
  const name = readText(toolUse.name)
  if (id === null || name === null) throw new GatewayError('upstream_invalid_response', 'a tool use without id or name')
  events.push({ type: 'tool-call', choice, call, id, name, signature: null })
  events.push({ type: 'tool-arguments', choice, call, json: JSON.stringify(toolUse.input ?? {}) })
}

function decodeReasoning(content: Readonly<Record<string, unknown>>, events: AnswerEvent[]): void {
  const data = readText(content.redactedContent)
  if (data !== null) {
    events.push({ type: 'redacted-reasoning', choice, data })
    return
  }
  const { text, signature } = readRecord(content.reasoningText)
  events.push({ type: 'reasoning', choice, text: readText(text) ?? '' })
  if (typeof signature === 'string') events.push({ type: 'reasoning-signature', choice, signature })
}
