// Renders a whole answer as one message of Anthropic's. https://docs.claude.com/en/api/messages
import { assertNever } from '../../assert-never.ts'
import type { AnswerEvent, AnswerUsage, StopReason } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { parseExactJson } from '../../wire/parse-exact-json.ts'
import type { RenderContext } from '../conversation-api.ts'
import { writeGeminiSignature } from './gemini-signature.ts'
import { noUsage, renderCallId, renderHead, renderStopReason, renderUsage } from './render-message.ts'

type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'tool_use'; id: string; name: string; json: string }

export function renderAnswer(events: readonly AnswerEvent[], context: RenderContext): string {
  const blocks: Block[] = []
  const calls = new Map<number, { json: string }>()
  let open: Block | null = null
  let usage: AnswerUsage = noUsage
  let stop: Readonly<{ reason: StopReason; stopSequence: string | null }> = { reason: 'stop', stopSequence: null }
  let head = renderHead(null, null, context)
  const add = <T extends Block>(block: T): T => {
    blocks.push(block)
    open = block
    return block
  }
  for (const event of events) {
    // A request of this API asks for one answer.
    if ('choice' in event && event.choice !== 0) continue
    // Read anew: `add` has changed it.
    const last = readOpen(open)
    switch (event.type) {
      case 'start':
        head = renderHead(event.id, event.model, context)
        break
      case 'text':
      case 'refusal':
        if (last?.type === 'text') last.text += event.text
        else add({ type: 'text', text: event.text })
        break
      case 'reasoning':
        if (last?.type === 'thinking') last.thinking += event.text
        else add({ type: 'thinking', thinking: event.text, signature: '' })
        break
      case 'reasoning-signature':
        if (last?.type === 'thinking') last.signature = event.signature
        else add({ type: 'thinking', thinking: '', signature: event.signature })
        open = null
        break
      case 'redacted-reasoning':
        add({ type: 'redacted_thinking', data: event.data })
        open = null
        break
      case 'tool-call': {
        const { id, name, call, signature } = event
        if (signature !== null) add({ type: 'thinking', thinking: '', signature: writeGeminiSignature(signature) })
        calls.set(call, add({ type: 'tool_use', id: renderCallId(id), name, json: '' }))
        break
      }
      case 'tool-arguments': {
        const call = calls.get(event.call)
        if (call !== undefined) call.json += event.json
        break
      }
      case 'part-end':
        open = null
        break
      case 'stop':
        stop = event
        break
      case 'usage':
        usage = event.usage
        break
      case 'logprobs':
      case 'error':
      case 'end':
        break
      default:
        assertNever(event)
    }
  }
  const isCut = stop.reason === 'length' || stop.reason === 'context-window'
  return JSON.stringify({
    ...head,
    content: blocks.map((block) => (block.type === 'tool_use' ? renderCall(block, isCut) : block)),
    stop_reason: renderStopReason(stop.reason),
    stop_sequence: stop.stopSequence,
    usage: renderUsage(usage),
  })
}

function readOpen(block: Block | null): Block | null {
  return block
}

/** Of an answer that met its limit the last call may be half: nobody may make it, so it says nothing. */
function renderCall(
  block: Readonly<{ type: 'tool_use'; id: string; name: string; json: string }>,
  isCut: boolean,
): object {
  const { type, id, name, json } = block
  return { type, id, name, input: parseInput(json, isCut) }
}

function parseInput(json: string, isCut: boolean): object {
  if (json.trim() === '') return {}
  try {
    const input = parseExactJson(json)
    if (isRecord(input)) return input
  } catch {
    if (isCut) return {}
  }
  throw new GatewayError('upstream_invalid_response', 'the arguments of a call are no JSON object')
}
