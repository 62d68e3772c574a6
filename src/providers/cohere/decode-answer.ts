// A whole answer of Cohere's chat as events. https://docs.cohere.com/reference/chat
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { readList, readRecord, readText } from '../read-json.ts'
import { mapFinishReason } from './map-finish-reason.ts'
import { readLogprobs } from './read-logprobs.ts'
import { readUsage } from './read-usage.ts'

const choice = 0

/** Throws GatewayError `upstream_invalid_response` where it is none, or says that it failed. */
export function decodeChatAnswer(answer: unknown): readonly AnswerEvent[] {
  const { id, message, finish_reason: finishReason, usage, logprobs } = readRecord(answer)
  const said = readText(finishReason)
  if (!isRecord(message) || said === null) throw new GatewayError('upstream_invalid_response', 'no message of Cohere')
  const reason = mapFinishReason(said)
  if (reason === null) throw new GatewayError('upstream_invalid_response', `Cohere finished with ${said}`)
  const events: AnswerEvent[] = [{ type: 'start', id: readText(id), model: null, createdSeconds: null }]
  const plan = readText(message.tool_plan)
  if (plan !== null && plan !== '') push(events, { type: 'reasoning', choice, text: plan })
  for (const item of readList(message.content)) {
    const { text, thinking } = readRecord(item)
    if (typeof thinking === 'string') push(events, { type: 'reasoning', choice, text: thinking })
    else if (typeof text === 'string') push(events, { type: 'text', choice, text })
  }
  const content = readList(logprobs).flatMap(readLogprobs)
  if (content.length > 0) events.push({ type: 'logprobs', choice, content })
  for (const [call, item] of readList(message.tool_calls).entries()) decodeToolCall(item, call, events)
  events.push({ type: 'stop', choice, reason, stopSequence: null })
  events.push({ type: 'usage', usage: readUsage(usage) }, { type: 'end' })
  return events
}

function push(events: AnswerEvent[], event: AnswerEvent): void {
  events.push(event, { type: 'part-end', choice })
}

function decodeToolCall(item: unknown, call: number, events: AnswerEvent[]): void {
  const { id, function: called } = readRecord(item)
  const { name, arguments: json } = readRecord(called)
  if (typeof id !== 'string' || typeof name !== 'string') {
    throw new GatewayError('upstream_invalid_response', 'a tool call without id or name')
  }
  events.push({ type: 'tool-call', choice, call, id, name, signature: null })
  push(events, { type: 'tool-arguments', choice, call, json: readArguments(json) })
}

/** For a tool without arguments it says nothing, or `null`. */
function readArguments(json: unknown): string {
  const text = readText(json)?.trim() ?? ''
  return text === '' || text === 'null' ? '{}' : text
}
