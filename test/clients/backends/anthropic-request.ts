// Reads a Messages request as Anthropic documents it. https://docs.claude.com/en/api/messages
import { type Heard, type HeardPart, type HeardTurn, nothingHeard } from './heard.ts'
import {
  base64,
  either,
  fail,
  filledText,
  flag,
  integer,
  isText,
  json,
  list,
  maybe,
  number,
  object,
  oneOf,
  optional,
  tagged,
  text,
} from './read-strictly.ts'

const cache = { cache_control: maybe(object({ type: oneOf('ephemeral'), ttl: optional(oneOf('5m', '1h')) })) }
const textBlock = object({ type: oneOf('text'), text: filledText, ...cache })
const imageBlock = object({
  type: oneOf('image'),
  source: tagged('type', {
    base64: object({
      type: oneOf('base64'),
      media_type: oneOf('image/jpeg', 'image/png', 'image/gif', 'image/webp'),
      data: base64,
    }),
    url: object({ type: oneOf('url'), url: filledText }),
    file: object({ type: oneOf('file'), file_id: filledText }),
  }),
  ...cache,
})
const documentBlock = object({
  type: oneOf('document'),
  source: tagged('type', {
    base64: object({ type: oneOf('base64'), media_type: oneOf('application/pdf'), data: base64 }),
    text: object({ type: oneOf('text'), media_type: oneOf('text/plain'), data: text }),
    url: object({ type: oneOf('url'), url: filledText }),
    file: object({ type: oneOf('file'), file_id: filledText }),
  }),
  title: maybe(text),
  context: maybe(text),
  citations: maybe(object({ enabled: optional(flag) })),
  ...cache,
})
const resultBlock = object({
  type: oneOf('tool_result'),
  tool_use_id: filledText,
  content: optional(
    either(text, list(tagged('type', { text: textBlock, image: imageBlock, document: documentBlock })), isText),
  ),
  is_error: optional(flag),
  ...cache,
})
const useBlock = object({ type: oneOf('tool_use'), id: filledText, name: filledText, input: json, ...cache })
const thinkingBlock = object({ type: oneOf('thinking'), thinking: text, signature: filledText })
const redactedBlock = object({ type: oneOf('redacted_thinking'), data: filledText })

const userBlock = tagged('type', {
  text: textBlock,
  image: imageBlock,
  document: documentBlock,
  tool_result: resultBlock,
})
const assistantBlock = tagged('type', {
  text: textBlock,
  thinking: thinkingBlock,
  redacted_thinking: redactedBlock,
  tool_use: useBlock,
})
const message = tagged('role', {
  user: object({ role: oneOf('user'), content: either(filledText, list(userBlock, 1), isText) }),
  assistant: object({ role: oneOf('assistant'), content: either(filledText, list(assistantBlock, 1), isText) }),
})

const single = { disable_parallel_tool_use: optional(flag) }
const tool = object({
  type: optional(oneOf('custom')),
  name: filledText,
  description: optional(text),
  input_schema: json,
  strict: optional(flag),
  ...cache,
})
/** Run by Anthropic itself. */
const serverTool = object({
  type: oneOf('web_search_20250305'),
  name: oneOf('web_search'),
  max_uses: maybe(integer(1)),
})
const isServerTool = (value: unknown) =>
  typeof value === 'object' && value !== null && 'type' in value && value.type !== 'custom'

const countedFields = {
  model: filledText,
  messages: list(message, 1),
  system: optional(either(text, list(textBlock), isText)),
  tools: optional(list(either(serverTool, tool, isServerTool))),
  tool_choice: optional(
    tagged('type', {
      auto: object({ type: oneOf('auto'), ...single }),
      any: object({ type: oneOf('any'), ...single }),
      tool: object({ type: oneOf('tool'), name: filledText, ...single }),
      none: object({ type: oneOf('none') }),
    }),
  ),
  thinking: optional(
    tagged('type', {
      enabled: object({
        type: oneOf('enabled'),
        budget_tokens: integer(1024),
        display: maybe(oneOf('summarized', 'omitted')),
      }),
      adaptive: object({ type: oneOf('adaptive'), display: maybe(oneOf('summarized', 'omitted')) }),
      disabled: object({ type: oneOf('disabled') }),
    }),
  ),
  output_config: optional(
    object({
      effort: maybe(oneOf('low', 'medium', 'high', 'xhigh', 'max')),
      format: maybe(object({ type: oneOf('json_schema'), schema: json })),
    }),
  ),
  ...cache,
}
const countBody = object(countedFields)
const body = object({
  ...countedFields,
  max_tokens: integer(1),
  stream: optional(flag),
  stop_sequences: optional(list(filledText)),
  temperature: optional(number(0, 1)),
  top_p: optional(number(0, 1)),
  top_k: optional(integer()),
  metadata: optional(object({ user_id: maybe(text) })),
  service_tier: optional(oneOf('auto', 'standard_only')),
})

type Message = ReturnType<typeof message>
type Counted = ReturnType<typeof countBody>

export function readCountRequest(value: unknown): Readonly<{ model: string; heard: Heard }> {
  const read = countBody(value, '')
  return { model: read.model, heard: readCounted(read) }
}

export function readMessagesRequest(value: unknown): Readonly<{ model: string; heard: Heard }> {
  const read = body(value, '')
  const { thinking, tool_choice: choice } = read
  const isThinking = thinking?.type === 'enabled' || thinking?.type === 'adaptive'
  if (thinking?.type === 'enabled' && thinking.budget_tokens >= read.max_tokens) {
    fail('max_tokens', 'must be greater than `thinking.budget_tokens`')
  }
  if (isThinking && read.temperature !== undefined && read.temperature !== 1) {
    fail('temperature', 'may only be set to 1 when thinking is enabled')
  }
  if (isThinking && read.top_k !== undefined) fail('top_k', 'must be unset when thinking is enabled')
  if (isThinking && (choice?.type === 'any' || choice?.type === 'tool')) {
    fail('tool_choice', 'Thinking may not be enabled when tool_choice forces tool use')
  }
  const heard: Heard = {
    ...readCounted(read),
    isStream: read.stream === true,
    maxTokens: read.max_tokens,
    stop: read.stop_sequences ?? [],
    temperature: read.temperature ?? null,
    topP: read.top_p ?? null,
    topK: read.top_k ?? null,
    endUser: read.metadata?.user_id ?? null,
    serviceTier: read.service_tier ?? null,
  }
  if (isThinking) checkThinking(read.messages)
  return { model: read.model, heard }
}

function readCounted(read: Counted): Heard {
  checkMessages(read.messages)
  const { tool_choice: choice, thinking, output_config: output } = read
  const tools = (read.tools ?? []).filter((one) => 'input_schema' in one)
  if (choice !== undefined && tools.length === 0) fail('tool_choice', 'may only be specified while providing tools')
  for (const [at, { name, input_schema: schema }] of tools.entries()) {
    if (schema.type !== 'object') fail(`tools.${at}.custom.input_schema.type`, 'Field required')
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) fail(`tools.${at}.custom.name`, 'String should match pattern')
  }
  const effort = output?.effort ?? null
  return {
    ...nothingHeard,
    system: typeof read.system === 'string' ? [read.system] : (read.system ?? []).map((block) => block.text),
    turns: read.messages.map(readTurn),
    tools: tools.map(({ name, description, input_schema: schema, strict }) => ({
      name,
      description: description ?? null,
      schema,
      isStrict: strict === true,
    })),
    toolChoice: readChoice(choice),
    isSingleCall:
      choice !== undefined && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use === true,
    format: output?.format?.schema ?? null,
    cacheMarkers: countMarkers(read),
    reasoning:
      thinking?.type === 'enabled'
        ? { effort, budget: thinking.budget_tokens }
        : thinking?.type === 'adaptive' || effort !== null
          ? { effort, budget: null }
          : null,
  }
}

function readChoice(choice: Counted['tool_choice']): Heard['toolChoice'] {
  if (choice === undefined) return null
  if (choice.type === 'tool') return { name: choice.name }
  return choice.type === 'any' ? 'required' : choice.type
}

function countMarkers(read: Counted): number {
  const count = JSON.stringify(read).split('"cache_control":{').length - 1
  return count > 4 ? fail('cache_control', `A maximum of 4 blocks may be provided. Found ${count}`) : count
}

/** Every `tool_use` is answered at the beginning of the next message, and nothing else is. */
function checkMessages(messages: readonly Message[]): void {
  if (messages[0]?.role !== 'user') fail('messages', 'first message must use the "user" role')
  let open: readonly string[] = []
  for (const [at, { role, content }] of messages.entries()) {
    const path = `messages.${at}`
    const blocks = typeof content === 'string' ? [] : content
    const answered: string[] = []
    for (const [index, block] of blocks.entries()) {
      if (block.type !== 'tool_result') continue
      if (!open.includes(block.tool_use_id)) {
        fail(`${path}.content.${index}`, `unexpected tool_use_id found in tool_result blocks: ${block.tool_use_id}`)
      }
      if (blocks.slice(0, index).some(({ type }) => type !== 'tool_result')) {
        fail(`${path}.content.${index}`, 'tool_result blocks must come first')
      }
      answered.push(block.tool_use_id)
    }
    const missing = open.filter((id) => !answered.includes(id))
    if (missing.length > 0) fail(path, `tool_use ids were found without tool_result blocks: ${missing.join(', ')}`)
    const ids = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []))
    for (const id of ids) if (!/^[a-zA-Z0-9_-]+$/.test(id)) fail(path, `tool_use.id ${id} should match pattern`)
    open = role === 'assistant' ? ids : []
  }
  if (open.length > 0) fail('messages', `tool_use ids were found without tool_result blocks: ${open.join(', ')}`)
  const last = messages.at(-1)
  if (last?.role === 'assistant' && typeof last.content === 'string' && /\s$/.test(last.content)) {
    fail('messages', 'final assistant content cannot end with trailing whitespace')
  }
}

/** Of a turn under way, with calls, the thinking must come back. */
function checkThinking(messages: readonly Message[]): void {
  const at = messages.findLastIndex(({ role }) => role === 'assistant')
  const turn = messages[at]
  if (turn === undefined || typeof turn.content === 'string') return
  const calls = turn.content.some(({ type }) => type === 'tool_use')
  const first = turn.content[0]?.type
  if (calls && first !== 'thinking' && first !== 'redacted_thinking') {
    fail(`messages.${at}.content.0.type`, `Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\``)
  }
}

function readTurn({ role, content }: Message): HeardTurn {
  if (typeof content === 'string') return { role, parts: [{ kind: 'text', text: content }] }
  return { role, parts: content.map(readBlock) }
}

type Block = ReturnType<typeof userBlock> | ReturnType<typeof assistantBlock>

function readBlock(block: Block): HeardPart {
  switch (block.type) {
    case 'text':
      return { kind: 'text', text: block.text }
    case 'image': {
      const { source } = block
      if (source.type === 'url') return { kind: 'image-url', url: source.url }
      if (source.type === 'file') return { kind: 'file-id', id: source.file_id }
      return { kind: 'image', mediaType: source.media_type, data: source.data }
    }
    case 'document': {
      const { source, title = null } = block
      if (source.type === 'url') return { kind: 'file-url', url: source.url }
      if (source.type === 'file') return { kind: 'file-id', id: source.file_id }
      return { kind: 'file', mediaType: source.media_type, data: source.data, name: title }
    }
    case 'tool_result': {
      const { content = [], tool_use_id: id, is_error: isError = false } = block
      const parts = typeof content === 'string' ? [{ kind: 'text' as const, text: content }] : content.map(readBlock)
      return { kind: 'result', id, name: null, parts, isError }
    }
    case 'tool_use':
      return { kind: 'call', id: block.id, name: block.name, input: block.input, signature: null }
    case 'thinking':
      return { kind: 'reasoning', text: block.thinking, signature: block.signature }
    case 'redacted_thinking':
      return { kind: 'redacted', data: block.data }
  }
}
