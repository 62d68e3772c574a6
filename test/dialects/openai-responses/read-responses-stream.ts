// A strict reader of streams of the Responses API: it fails on whatever a well-formed stream may not have, and hands back
// the events. https://platform.openai.com/docs/api-reference/responses-streaming
import { isRecord } from '../../../src/is-record.ts'

export type StreamEvent = Readonly<Record<string, unknown>>

/** A whole stream, from `response.created` to the end. Throws an Error that says what is wrong. */
export function readResponsesStream(text: string): readonly StreamEvent[] {
  const events = splitEvents(text)
  const reader = new StreamChecker()
  for (const event of events) reader.push(event)
  reader.end()
  return events
}

export function splitEvents(text: string): readonly StreamEvent[] {
  if (text === '') return []
  check(text.endsWith('\n\n'), 'the last event has no end')
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((block, at) => {
      const lines = block.split('\n')
      check(lines.length === 2, `event ${at} has ${lines.length} lines`)
      const [name = '', data = ''] = lines
      const event: unknown = JSON.parse(data.replace(/^data: /, ''))
      check(isRecord(event), `event ${at} is no object`)
      check(name === `event: ${event.type}`, `event ${at}: '${name}' with type ${event.type}`)
      return event
    })
}

type Part = { type: string; text: string; isSaid: boolean; isDone: boolean; logprobs: number }
type Item = {
  id: string
  type: string
  isDone: boolean
  parts: Part[]
  arguments: string
  hasArguments: boolean
  summaries: Part[]
}

const ends = new Set(['response.completed', 'response.incomplete', 'response.failed'])

class StreamChecker {
  readonly #items: Item[] = []
  #sequence = 0
  #isEnded = false
  #responseId: unknown = null

  push(event: StreamEvent): void {
    const { type } = event
    check(typeof type === 'string', 'an event without a type')
    check(event.sequence_number === this.#sequence++, `${type}: sequence number ${event.sequence_number}`)
    check(!this.#isEnded || type === 'error', `${type} after the end`)
    check((event.sequence_number === 0) === (type === 'response.created'), `${type} first, or created later`)
    check((event.sequence_number === 1) === (type === 'response.in_progress'), `${type} second, or in_progress later`)
    if (isRecord(event.response)) this.#checkResponse(type, event.response)
    else if (type === 'response.output_item.added') this.#addItem(event)
    else if (type !== 'error') this.#pushToItem(type, event)
  }

  end(): void {
    check(this.#isEnded, 'no end')
  }

  #checkResponse(type: string, response: StreamEvent): void {
    this.#responseId ??= response.id
    check(response.id === this.#responseId, 'another response id')
    if (!ends.has(type)) {
      check(response.status === 'in_progress', `${type} with status ${response.status}`)
      check(Array.isArray(response.output) && response.output.length === 0, `${type} with output`)
      return
    }
    this.#isEnded = true
    check(type === `response.${response.status}`, `${type} with status ${response.status}`)
    if (type === 'response.failed') return
    for (const item of this.#items) check(item.isDone, `${item.id} has no done`)
    const ids = Array.isArray(response.output) ? response.output.map((item) => item.id) : []
    check(ids.join() === this.#items.map(({ id }) => id).join(), `output ${ids} is not what was added`)
  }

  #addItem(event: StreamEvent): void {
    const { item } = event
    check(isRecord(item) && typeof item.id === 'string' && typeof item.type === 'string', 'an item without id or type')
    check(event.output_index === this.#items.length, `${item.id}: index ${event.output_index}`)
    check(!this.#items.some(({ id }) => id === item.id), `${item.id} twice`)
    check(item.status === 'in_progress', `${item.id} begins ${item.status}`)
    if (item.type === 'function_call') check(item.arguments === '', 'arguments before their deltas')
    this.#items.push({
      id: item.id,
      type: item.type,
      isDone: false,
      parts: [],
      summaries: [],
      arguments: '',
      hasArguments: false,
    })
  }

  #pushToItem(type: string, event: StreamEvent): void {
    const item = this.#items[Number(event.output_index)]
    check(item !== undefined, `${type} of no item`)
    check(!item.isDone, `${type} after ${item.id} is done`)
    if (type === 'response.output_item.done') {
      this.#endItem(item, event)
      return
    }
    check(event.item_id === item.id, `${type} of ${event.item_id} at the index of ${item.id}`)
    const name = type.slice('response.'.length)
    if (name.startsWith('function_call_arguments.')) {
      pushArguments(item, name, event)
      return
    }
    const isSummary = name.startsWith('reasoning_summary_')
    const list = isSummary ? item.summaries : item.parts
    const index = isSummary ? event.summary_index : event.content_index
    if (name === 'content_part.added' || name === 'reasoning_summary_part.added') {
      check(index === list.length, `${type}: index ${index}`)
      check(
        list.every((part) => part.isDone),
        `${type} before the last part is done`,
      )
      check(isRecord(event.part), `${type} without a part`)
      check(readText(event.part) === '', `${type} with a text`)
      list.push({ type: String(event.part.type), text: '', isSaid: false, isDone: false, logprobs: 0 })
      return
    }
    const part = list[Number(index)]
    check(part !== undefined && !part.isDone, `${type} of no open part`)
    pushToPart(part, name, event)
  }

  #endItem(item: Item, event: StreamEvent): void {
    check(isRecord(event.item) && event.item.id === item.id, `another item is done than ${item.id}`)
    for (const part of [...item.parts, ...item.summaries]) check(part.isDone, `a part of ${item.id} is not done`)
    check(['completed', 'incomplete'].includes(String(event.item.status)), `done with ${event.item.status}`)
    const content = Array.isArray(event.item.content) ? event.item.content : []
    const summary = Array.isArray(event.item.summary) ? event.item.summary : []
    check(content.map(readText).join('|') === item.parts.map(({ text }) => text).join('|'), `${item.id}: other content`)
    check(summary.map(readText).join('|') === item.summaries.map(({ text }) => text).join('|'), 'another summary')
    if (item.type === 'function_call') {
      check(item.hasArguments && event.item.arguments === item.arguments, `${item.id}: other arguments`)
    }
    item.isDone = true
  }
}

function pushArguments(item: Item, name: string, event: StreamEvent): void {
  check(item.type === 'function_call' && !item.hasArguments, `arguments of a ${item.type}, or behind their done`)
  item.hasArguments = name.endsWith('.done')
  if (name.endsWith('.delta')) item.arguments += String(event.delta)
  else check(event.arguments === item.arguments, `arguments ${event.arguments}, not ${item.arguments}`)
}

const partTypes: Readonly<Record<string, string>> = {
  output_text: 'output_text',
  refusal: 'refusal',
  reasoning_text: 'reasoning_text',
  reasoning_summary_text: 'summary_text',
}

function pushToPart(part: Part, name: string, event: StreamEvent): void {
  const [kind = '', step] = name.split('.')
  if (kind === 'content_part' || kind === 'reasoning_summary_part') {
    check(step === 'done' && part.isSaid && readText(event.part) === part.text, `${name}: another text`)
    part.isDone = true
    return
  }
  check(partTypes[kind] === part.type && !part.isSaid, `${name} in a part of type ${part.type}, or behind its done`)
  const logprobs = Array.isArray(event.logprobs) ? event.logprobs.length : 0
  if (kind === 'output_text') check(Array.isArray(event.logprobs), `${name} without logprobs`)
  if (step === 'delta') {
    check(typeof event.delta === 'string', `${name} without a delta`)
    part.text += event.delta
    part.logprobs += logprobs
    return
  }
  check((event.text ?? event.refusal) === part.text, `${name}: another text`)
  part.isSaid = true
  check(logprobs === part.logprobs, `${name}: ${logprobs} log probabilities, not ${part.logprobs}`)
}

function readText(part: unknown): string {
  return isRecord(part) ? String(part.text ?? part.refusal) : ''
}

function check(isTrue: boolean, wrong: string): asserts isTrue {
  if (!isTrue) throw new Error(wrong)
}
