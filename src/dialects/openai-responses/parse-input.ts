// The input of a request, a list of items, as turns: items of the assistant in a row are one turn, outputs of functions
// in a row another. https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
import type { AssistantPart, JsonObject, TextPart, ToolResultPart, Turn } from '../../conversation/conversation.ts'
import { isRecord } from '../../is-record.ts'
import { openReasoning } from './encrypted-content.ts'
import { parseAssistantContent, parseInputContent, parseTextContent } from './parse-content.ts'
import { readEnum, readString, refuseOthers, refuseUnsupported, refuseValue, requireString } from './read-field.ts'

export type ParsedInput = Readonly<{ system: readonly TextPart[]; turns: readonly Turn[] }>

const roles = ['user', 'assistant', 'system', 'developer'] as const
/** `id` and `status` say which item of which answer it was; `phase` how that answer labelled it. */
const messageNames = new Set(['type', 'id', 'status', 'role', 'content', 'phase'])
const callNames = new Set(['type', 'id', 'status', 'call_id', 'name', 'arguments'])
const outputNames = new Set(['type', 'id', 'status', 'call_id', 'output', 'name'])
const reasoningNames = new Set(['type', 'id', 'status', 'summary', 'content', 'encrypted_content'])

/** Held by the servers that gave the answer, which have none of it where answers are translated. */
export const notHeld = 'needs a server that keeps responses, which this model has not: send the whole conversation'

export function parseInput(input: unknown, instructions: string | null): ParsedInput {
  const builder = new TurnBuilder()
  if (instructions !== null) builder.addSystem([{ kind: 'text', text: instructions, cache: null }])
  if (typeof input === 'string') {
    builder.addUser(parseInputContent(input, 'input'))
  } else if (Array.isArray(input)) {
    input.forEach((item: unknown, at) => {
      if (!isRecord(item)) throw refuseValue(`input[${at}]`, 'must be an object')
      addItem(builder, item, `input[${at}].`)
    })
  } else if (input !== undefined && input !== null) {
    throw refuseValue('input', 'must be a string or a list')
  }
  return builder.finish()
}

function addItem(builder: TurnBuilder, item: JsonObject, path: string): void {
  const isReference = item.type === undefined && item.role === undefined && item.id !== undefined
  const type = item.type ?? (isReference ? 'item_reference' : 'message')
  if (type === 'message') addMessage(builder, item, path)
  else if (type === 'function_call') addCall(builder, item, path)
  else if (type === 'function_call_output') addOutput(builder, item, path)
  else if (type === 'reasoning') addReasoning(builder, item, path)
  else if (type === 'item_reference') throw refuseUnsupported(path.slice(0, -1), notHeld)
  else throw refuseUnsupported(`${path}type`, `'${String(type)}' is not supported by this model`)
}

function addMessage(builder: TurnBuilder, item: JsonObject, path: string): void {
  refuseOthers(item, messageNames, path)
  const role = readEnum(item, 'role', roles, path)
  if (role === null) throw refuseValue(`${path}role`, 'is required')
  const contentPath = `${path}content`
  if (role === 'user') builder.addUser(parseInputContent(item.content, contentPath))
  else if (role === 'assistant') builder.addAssistant(parseAssistantContent(item.content, contentPath))
  else builder.addSystem(parseTextContent(item.content, contentPath))
}

function addCall(builder: TurnBuilder, item: JsonObject, path: string): void {
  refuseOthers(item, callNames, path)
  const id = requireString(item, 'call_id', path)
  const name = requireString(item, 'name', path)
  builder.addCall(id, name, requireString(item, 'arguments', path) || '{}')
}

function addOutput(builder: TurnBuilder, item: JsonObject, path: string): void {
  refuseOthers(item, outputNames, path)
  const callId = requireString(item, 'call_id', path)
  builder.addResult(callId, readString(item, 'name', path), parseInputContent(item.output, `${path}output`))
}

function addReasoning(builder: TurnBuilder, item: JsonObject, path: string): void {
  refuseOthers(item, reasoningNames, path)
  const text = joinTexts(item.content, `${path}content`) || joinTexts(item.summary, `${path}summary`)
  const encrypted = readString(item, 'encrypted_content', path)
  const sealed = encrypted === null ? null : openReasoning(encrypted)
  if (sealed?.kind === 'redacted') builder.addAssistant([{ kind: 'redacted-reasoning', data: sealed.data }])
  else if (sealed?.kind === 'call') builder.signCall(sealed.callId, sealed.signature)
  else if (text !== '' || sealed !== null) {
    builder.addAssistant([{ kind: 'reasoning', text, signature: sealed?.signature ?? null }])
  }
}

function joinTexts(list: unknown, path: string): string {
  if (list === undefined || list === null) return ''
  if (!Array.isArray(list)) throw refuseValue(path, 'must be a list')
  const texts = list.map((part: unknown, at) => {
    if (!isRecord(part)) throw refuseValue(`${path}[${at}]`, 'must be an object')
    return requireString(part, 'text', `${path}[${at}].`)
  })
  return texts.join('\n\n')
}

class TurnBuilder {
  readonly #system: TextPart[] = []
  readonly #turns: Turn[] = []
  readonly #toolNames = new Map<string, string>()
  readonly #callSignatures = new Map<string, string>()
  #assistant: AssistantPart[] = []
  #results: ToolResultPart[] = []

  addSystem(parts: readonly TextPart[]): void {
    this.#flush()
    if (this.#turns.length === 0) this.#system.push(...parts)
    else this.#turns.push({ role: 'system', parts })
  }

  addUser(parts: ReturnType<typeof parseInputContent>): void {
    this.#flush()
    this.#turns.push({ role: 'user', parts, name: null })
  }

  addAssistant(parts: readonly AssistantPart[]): void {
    if (this.#results.length > 0) this.#flush()
    this.#assistant.push(...parts)
  }

  signCall(callId: string, signature: string): void {
    this.#callSignatures.set(callId, signature)
  }

  addCall(id: string, name: string, json: string): void {
    this.#toolNames.set(id, name)
    const signature = this.#callSignatures.get(id) ?? null
    this.addAssistant([{ kind: 'tool-call', id, name, arguments: json, signature, cache: null }])
  }

  addResult(callId: string, name: string | null, parts: ToolResultPart['parts']): void {
    if (this.#assistant.length > 0) this.#flush()
    const toolName = this.#toolNames.get(callId) ?? name
    this.#results.push({ kind: 'tool-result', callId, toolName, parts, isError: false, cache: null })
  }

  finish(): ParsedInput {
    this.#flush()
    return { system: this.#system, turns: this.#turns }
  }

  #flush(): void {
    if (this.#assistant.length > 0) this.#turns.push({ role: 'assistant', parts: this.#assistant, name: null })
    if (this.#results.length > 0) this.#turns.push({ role: 'user', parts: this.#results, name: null })
    this.#assistant = []
    this.#results = []
  }
}
