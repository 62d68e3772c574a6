// Reads a v2 chat request as Cohere documents it. https://docs.cohere.com/reference/chat
import { type Heard, type HeardPart, type HeardTurn, nothingHeard } from './heard.ts'
import {
  anything,
  base64,
  either,
  fail,
  filledText,
  flag,
  integer,
  isText,
  json,
  list,
  number,
  object,
  oneOf,
  optional,
  tagged,
  text,
} from './read-strictly.ts'

const textPart = object({ type: oneOf('text'), text })
const texts = either(text, list(textPart, 1), isText)
const userPart = tagged('type', {
  text: textPart,
  image_url: object({
    type: oneOf('image_url'),
    image_url: object({ url: filledText, detail: optional(oneOf('auto', 'low', 'high')) }),
  }),
})
const assistantPart = tagged('type', { text: textPart, thinking: object({ type: oneOf('thinking'), thinking: text }) })
const toolPart = tagged('type', {
  text: textPart,
  document: object({ type: oneOf('document'), document: object({ data: anything, id: optional(text) }) }),
})
const message = tagged('role', {
  system: object({ role: oneOf('system'), content: texts }),
  user: object({ role: oneOf('user'), content: either(text, list(userPart, 1), isText) }),
  assistant: object({
    role: oneOf('assistant'),
    content: optional(either(text, list(assistantPart, 1), isText)),
    tool_plan: optional(text),
    tool_calls: optional(
      list(
        object({
          id: filledText,
          type: oneOf('function'),
          function: object({ name: filledText, arguments: text }),
        }),
        1,
      ),
    ),
    citations: optional(list(json)),
  }),
  tool: object({
    role: oneOf('tool'),
    tool_call_id: filledText,
    content: either(text, list(toolPart, 1), isText),
  }),
})
const body = object({
  stream: flag,
  model: filledText,
  messages: list(message, 1),
  tools: optional(
    list(
      object({
        type: oneOf('function'),
        function: object({ name: filledText, description: optional(text), parameters: json }),
      }),
      1,
    ),
  ),
  strict_tools: optional(flag),
  tool_choice: optional(oneOf('REQUIRED', 'NONE')),
  documents: optional(list(anything)),
  citation_options: optional(object({ mode: oneOf('FAST', 'ACCURATE', 'OFF', 'ENABLED', 'DISABLED') })),
  response_format: optional(
    tagged('type', {
      text: object({ type: oneOf('text') }),
      // The reference says `json_schema`, the guide `schema`; both are taken.
      json_object: object({ type: oneOf('json_object'), json_schema: optional(json), schema: optional(json) }),
    }),
  ),
  safety_mode: optional(oneOf('CONTEXTUAL', 'STRICT', 'OFF')),
  max_tokens: optional(integer(1)),
  stop_sequences: optional(list(filledText, 0, 5)),
  temperature: optional(number(0)),
  seed: optional(integer()),
  frequency_penalty: optional(number(0, 1)),
  presence_penalty: optional(number(0, 1)),
  k: optional(integer(0, 500)),
  p: optional(number(0.01, 0.99)),
  logprobs: optional(flag),
  thinking: optional(object({ type: oneOf('enabled', 'disabled'), token_budget: optional(integer(1)) })),
  priority: optional(integer(0, 999)),
})

type Message = ReturnType<typeof message>

export function readCohereRequest(value: unknown): Readonly<{ model: string; heard: Heard }> {
  const read = body(value, '')
  checkMessages(read.messages)
  const { tools = [], thinking, response_format: format } = read
  if (read.tool_choice !== undefined && tools.length === 0) fail('tool_choice', 'requires tools')
  if (read.strict_tools === true && tools.length === 0) fail('strict_tools', 'requires tools')
  if (format?.type === 'json_object' && tools.length > 0) fail('response_format', 'is not supported with tools')
  const isJson = format?.type === 'json_object'
  const heard: Heard = {
    ...nothingHeard,
    isStream: read.stream,
    system: read.messages.flatMap((one) => (one.role === 'system' ? readTexts(one.content) : [])),
    turns: read.messages.flatMap(readTurn),
    tools: tools.map(({ function: { name, description, parameters } }) => ({
      name,
      description: description ?? null,
      schema: parameters,
      isStrict: read.strict_tools === true,
    })),
    toolChoice: read.tool_choice === undefined ? null : read.tool_choice === 'NONE' ? 'none' : 'required',
    format: isJson ? (format.json_schema ?? format.schema ?? {}) : null,
    maxTokens: read.max_tokens ?? null,
    stop: read.stop_sequences ?? [],
    temperature: read.temperature ?? null,
    topP: read.p ?? null,
    topK: read.k ?? null,
    seed: read.seed ?? null,
    frequencyPenalty: read.frequency_penalty ?? null,
    presencePenalty: read.presence_penalty ?? null,
    topLogprobs: read.logprobs === true ? -1 : null,
    reasoning: thinking?.type === 'enabled' ? { effort: null, budget: thinking.token_budget ?? null } : null,
  }
  return { model: read.model, heard }
}

function readTexts(content: string | readonly { readonly text: string }[]): readonly string[] {
  return typeof content === 'string' ? [content] : content.map((part) => part.text)
}

function checkMessages(messages: readonly Message[]): void {
  let open: readonly string[] = []
  for (const [at, one] of messages.entries()) {
    if (one.role === 'tool') {
      if (!open.includes(one.tool_call_id)) fail(`messages[${at}]`, `tool_call_id ${one.tool_call_id} not found`)
      open = open.filter((id) => id !== one.tool_call_id)
      continue
    }
    if (open.length > 0) fail(`messages[${at}]`, `all tool calls must have results: ${open.join()}`)
    if (one.role !== 'assistant') continue
    open = (one.tool_calls ?? []).map(({ id }) => id)
    if (open.length === 0 && (one.content === undefined || one.content.length === 0)) {
      fail(`messages[${at}]`, 'must have content or tool calls')
    }
  }
  if (open.length > 0) fail('messages', 'calls without results')
}

function readTurn(one: Message): readonly HeardTurn[] {
  if (one.role === 'system') return []
  if (one.role === 'tool') {
    const { content } = one
    const parts: readonly HeardPart[] =
      typeof content === 'string'
        ? [{ kind: 'text', text: content }]
        : content.map((part) => ({
            kind: 'text',
            text: part.type === 'text' ? part.text : readData(part.document.data),
          }))
    return [{ role: 'user', parts: [{ kind: 'result', id: one.tool_call_id, name: null, parts, isError: false }] }]
  }
  if (one.role === 'user') {
    const { content } = one
    if (typeof content === 'string') return [{ role: 'user', parts: [{ kind: 'text', text: content }] }]
    return [{ role: 'user', parts: content.map(readUserPart) }]
  }
  const { content = [], tool_plan: plan, tool_calls: calls = [] } = one
  const said: readonly HeardPart[] =
    typeof content === 'string'
      ? [{ kind: 'text', text: content }]
      : content.map((part) =>
          part.type === 'text'
            ? { kind: 'text', text: part.text }
            : { kind: 'reasoning', text: part.thinking, signature: null },
        )
  return [
    {
      role: 'assistant',
      parts: [
        ...said,
        ...(plan === undefined ? [] : [{ kind: 'text' as const, text: plan }]),
        ...calls.map(({ id, function: called }) => {
          const input: unknown = JSON.parse(called.arguments)
          return { kind: 'call' as const, id, name: called.name, input, signature: null }
        }),
      ],
    },
  ]
}

/** Results may be given as documents: what they say is the text. */
function readData(data: unknown): string {
  if (typeof data === 'string') return data
  const values = typeof data === 'object' && data !== null ? Object.values(data) : []
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : JSON.stringify(data)
}

function readUserPart(part: ReturnType<typeof userPart>): HeardPart {
  if (part.type === 'text') return { kind: 'text', text: part.text }
  const { url } = part.image_url
  const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/s.exec(url) ?? []
  if (mediaType === undefined || data === undefined) return { kind: 'image-url', url }
  return { kind: 'image', mediaType, data: base64(data, 'image_url') }
}
