// The input of a request, a text or a list of items, as turns.
// https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
import type { AssistantPart, Conversation, ToolResultPart, UserPart } from '../../conversation/conversation.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import { openReasoning } from './encrypted-content.ts'
import type { ParamNames } from './param-names.ts'
import { type ContentPart, parseContent } from './parse-content.ts'
import { refuseStored } from './refuse-stored.ts'
import { TurnBuilder } from './turn-builder.ts'

const roles = ['user', 'assistant', 'system', 'developer'] as const

export function parseInput(body: RequestFields, names: ParamNames): Pick<Conversation, 'system' | 'turns'> {
  const turns = new TurnBuilder()
  const instructions = body.string('instructions')
  if (instructions !== null) turns.addSystem([{ kind: 'text', text: instructions, cache: null }])
  const input = body.value('input')
  if (input === null) throw invalidField('input', 'is required')
  if (typeof input === 'string') {
    turns.addUser([{ kind: 'text', text: input, cache: null }])
    return turns.build()
  }
  for (const [at, value] of (body.list('input') ?? []).entries()) {
    const item = RequestFields.of(value, `input[${at}]`)
    addItem(turns, item, names)
    item.refuseUnread()
  }
  return turns.build()
}

function addItem(turns: TurnBuilder, item: RequestFields, names: ParamNames): void {
  const type = item.string('type')
  const id = item.value('id')
  // Which item of which answer it was, and how far it had come.
  item.value('status')
  if (type === 'item_reference' || (type === null && id !== null && item.value('role') === null)) {
    throw refuseStored(item.path)
  }
  if (type === 'message' || type === null) addMessage(turns, item, names)
  else if (type === 'function_call') addCall(turns, item)
  else if (type === 'function_call_output') addOutput(turns, item, names)
  else if (type === 'reasoning') addReasoning(turns, item, names)
  else throw unsupportedField(item.nameOf('type'), `Items of type '${type}' are not supported here.`)
}

function addMessage(turns: TurnBuilder, item: RequestFields, names: ParamNames): void {
  const role = item.word('role', roles)
  if (role === null) throw invalidField(item.nameOf('role'), 'is required')
  // How an earlier answer labelled its text: as said on the way, or at the end.
  item.value('phase')
  const parts = parseContent(item, 'content', names)
  const check = <T extends ContentPart>(isAllowed: (part: ContentPart) => part is T): readonly T[] =>
    parts.map((part, at) => {
      if (isAllowed(part)) return part
      throw invalidField(`${item.nameOf('content')}[${at}].type`, 'is none that a message of this role may have')
    })
  if (role === 'user') turns.addUser(check(isInput))
  else if (role === 'assistant') turns.addAssistant(check(isSaid))
  else turns.addSystem(check((part) => part.kind === 'text'))
}

function isInput(part: ContentPart): part is UserPart & ToolResultPart['parts'][number] {
  return part.kind !== 'refusal'
}

function isSaid(part: ContentPart): part is AssistantPart & ContentPart {
  return part.kind === 'text' || part.kind === 'refusal'
}

function addCall(turns: TurnBuilder, item: RequestFields): void {
  const id = item.requireString('call_id')
  // What the official client has made of the arguments, and sends along.
  item.value('parsed_arguments')
  turns.addCall(id, item.requireString('name'), item.requireString('arguments') || '{}')
}

function addOutput(turns: TurnBuilder, item: RequestFields, names: ParamNames): void {
  const callId = item.requireString('call_id')
  const name = item.string('name')
  const parts = parseContent(item, 'output', names).map((part, at) => {
    const param = `${item.nameOf('output')}[${at}]`
    if (!isInput(part)) throw invalidField(`${param}.type`, 'is none that an output may have')
    if (part.kind !== 'text') names.note('toolResultMedia', param)
    return part
  })
  turns.addResult(callId, name, parts)
}

/** What OpenAI's own servers encrypted is of use to nobody else: of such an item the text goes on, and the rest is named. */
function addReasoning(turns: TurnBuilder, item: RequestFields, names: ParamNames): void {
  names.note('reasoningHistory', item.path)
  const content = joinTexts(item, 'content')
  const summary = joinTexts(item, 'summary')
  const text = content === '' ? summary : content
  const encrypted = item.string('encrypted_content')
  const sealed = encrypted === null ? null : openReasoning(encrypted)
  if (encrypted !== null && sealed === null) names.note('sealedReasoning', item.nameOf('encrypted_content'))
  if (sealed?.kind === 'redacted') turns.addAssistant([{ kind: 'redacted-reasoning', data: sealed.data }])
  else if (sealed?.kind === 'call') turns.signCall(sealed.callId, sealed.signature)
  else if (text !== '' || sealed !== null) {
    turns.addAssistant([{ kind: 'reasoning', text, signature: sealed?.signature ?? null }])
  }
}

function joinTexts(item: RequestFields, name: string): string {
  const texts = (item.list(name) ?? []).map((value, at) => {
    const part = RequestFields.of(value, `${item.nameOf(name)}[${at}]`)
    part.word('type', ['summary_text', 'reasoning_text'])
    const text = part.requireString('text')
    part.refuseUnread()
    return text
  })
  return texts.join('\n\n')
}
