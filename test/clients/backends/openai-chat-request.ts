// Reads a chat/completions request as OpenAI documents it, and as Mistral and vLLM differ.
// https://platform.openai.com/docs/api-reference/chat/create, https://docs.mistral.ai/api/#tag/chat,
// https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
import { type Heard, type HeardPart, type HeardTurn, nothingHeard } from './heard.ts'
import {
  anything,
  base64,
  countSet,
  either,
  fail,
  filledText,
  flag,
  integer,
  isText,
  json,
  list,
  map,
  maybe,
  number,
  object,
  oneOf,
  optional,
  tagged,
  text,
} from './read-strictly.ts'

/** `vllm`: also what it adds (`reasoning_content`, `top_k`). */
export type OpenAiVendor = 'openai' | 'azure' | 'mistral' | 'vllm'

const textContent = object({ type: oneOf('text'), text })
const texts = either(text, list(textContent, 1), isText)
const imageUrl = object({ url: text, detail: optional(oneOf('auto', 'low', 'high')) })
const userContent = tagged('type', {
  text: textContent,
  image_url: object({ type: oneOf('image_url'), image_url: imageUrl }),
  input_audio: object({
    type: oneOf('input_audio'),
    input_audio: object({ data: base64, format: oneOf('wav', 'mp3') }),
  }),
  file: object({
    type: oneOf('file'),
    file: object({ file_data: optional(text), file_id: optional(text), filename: optional(text) }),
  }),
})
const assistantContent = tagged('type', {
  text: textContent,
  refusal: object({ type: oneOf('refusal'), refusal: text }),
})
const toolCall = object({
  id: filledText,
  type: oneOf('function'),
  function: object({ name: filledText, arguments: text }),
})
const name = optional(filledText)

const system = object({ role: oneOf('system'), content: texts, name })
const developer = object({ role: oneOf('developer'), content: texts, name })
/** Files and sounds have forms of their own at Mistral, and no place in a chat at Azure. */
const mistralUserContent = tagged('type', {
  text: textContent,
  image_url: object({ type: oneOf('image_url'), image_url: either(text, imageUrl, isText) }),
  document_url: object({ type: oneOf('document_url'), document_url: text, document_name: maybe(text) }),
  input_audio: object({ type: oneOf('input_audio'), input_audio: text }),
})
const mistralUser = object({ role: oneOf('user'), content: either(text, list(mistralUserContent, 1), isText), name })
const user = object({ role: oneOf('user'), content: either(text, list(userContent, 1), isText), name })
const tool = object({ role: oneOf('tool'), content: texts, tool_call_id: filledText })
const assistantFields = {
  role: oneOf('assistant'),
  content: maybe(either(text, list(assistantContent, 1), isText)),
  refusal: maybe(text),
  name,
  tool_calls: optional(list(toolCall, 1)),
}
/** Answers are sent back as they came, with what OpenAI says in them. */
const assistant = object({ ...assistantFields, annotations: optional(list(anything)) })
const mistralContent = tagged('type', {
  text: textContent,
  thinking: object({ type: oneOf('thinking'), thinking: list(textContent, 1), closed: optional(flag) }),
})
const mistralTool = object({
  role: oneOf('tool'),
  content: either(text, list(mistralUserContent, 1), isText),
  tool_call_id: filledText,
})
const mistralAssistant = object({
  ...assistantFields,
  content: maybe(either(text, list(mistralContent, 1), isText)),
  prefix: optional(flag),
})
const vllmAssistant = object({
  ...assistantFields,
  annotations: maybe(list(anything)),
  reasoning_content: maybe(text),
  reasoning: maybe(text),
})

const functionTool = object({
  type: oneOf('function'),
  function: object({
    name: filledText,
    description: optional(text),
    parameters: optional(json),
    strict: maybe(flag),
  }),
})
const toolChoice = either(
  oneOf('auto', 'none', 'required'),
  object({ type: oneOf('function'), function: object({ name: filledText }) }),
  isText,
)
const jsonSchema = object({
  name: filledText,
  description: optional(text),
  schema: optional(json),
  strict: maybe(flag),
})
const responseFormat = tagged('type', {
  text: object({ type: oneOf('text') }),
  json_object: object({ type: oneOf('json_object') }),
  json_schema: object({ type: oneOf('json_schema'), json_schema: jsonSchema }),
})
const stop = either(text, list(text, 1, 4), isText)

/** What all of them take. */
const sharedFields = {
  model: filledText,
  stream: maybe(flag),
  tools: optional(list(functionTool, 1)),
  tool_choice: optional(toolChoice),
  parallel_tool_calls: optional(flag),
  response_format: optional(responseFormat),
  max_tokens: maybe(integer(1)),
  stop: maybe(stop),
  temperature: maybe(number(0, 2)),
  top_p: maybe(number(0, 1)),
  frequency_penalty: maybe(number(-2, 2)),
  presence_penalty: maybe(number(-2, 2)),
  n: maybe(integer(1, 128)),
}
const openAiFields = {
  ...sharedFields,
  messages: list(tagged('role', { system, developer, user, assistant, tool }), 1),
  stream_options: maybe(object({ include_usage: optional(flag), include_obfuscation: optional(flag) })),
  max_completion_tokens: maybe(integer(1)),
  seed: maybe(integer(Number.NEGATIVE_INFINITY)),
  logit_bias: maybe(map(integer(-100, 100))),
  logprobs: maybe(flag),
  top_logprobs: maybe(integer(0, 20)),
  reasoning_effort: maybe(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
  verbosity: maybe(oneOf('low', 'medium', 'high')),
  service_tier: maybe(oneOf('auto', 'default', 'flex', 'scale', 'priority', 'fast')),
  user: optional(text),
  safety_identifier: maybe(text),
  metadata: maybe(map(text)),
  prompt_cache_key: maybe(text),
  store: maybe(flag),
  prediction: maybe(anything),
}
const openAiBody = object(openAiFields)
/** vLLM passes over what it doesn't know; here it is refused, so that nothing seems to work. */
const {
  verbosity: _verbosity,
  service_tier: _tier,
  safety_identifier: _safety,
  metadata: _metadata,
  prompt_cache_key: _key,
  store: _store,
  prediction: _prediction,
  ...vllmFields
} = openAiFields
const vllmBody = object({
  ...vllmFields,
  messages: list(tagged('role', { system, developer, user, assistant: vllmAssistant, tool }), 1),
  top_k: optional(integer(-1)),
  chat_template_kwargs: optional(json),
  continue_final_message: optional(flag),
  add_generation_prompt: optional(flag),
})
/** No `developer`, no `stream_options`, a seed of its own name: https://docs.mistral.ai/api. */
const mistralBody = object({
  ...sharedFields,
  messages: list(tagged('role', { system, user: mistralUser, assistant: mistralAssistant, tool: mistralTool }), 1),
  random_seed: maybe(integer()),
  safe_prompt: optional(flag),
  prompt_mode: maybe(oneOf('reasoning')),
  // https://docs.mistral.ai/capabilities/reasoning/adjustable
  reasoning_effort: optional(oneOf('none', 'high')),
  metadata: maybe(json),
  prediction: optional(json),
})

type Message =
  | ReturnType<typeof openAiBody>['messages'][number]
  | ReturnType<typeof mistralUser>
  | ReturnType<typeof mistralTool>
  | Assistant

export function readChatRequest(value: unknown, vendor: OpenAiVendor): Readonly<{ model: string; heard: Heard }> {
  if (vendor === 'mistral') {
    const body = mistralBody(value, '')
    const heard: Heard = {
      ...readShared(body, body.messages),
      seed: body.random_seed ?? null,
      metadata: body.metadata ?? null,
      reasoning: body.reasoning_effort === 'high' ? { effort: 'high', budget: null } : null,
    }
    for (const [at, message] of body.messages.entries()) checkMistralIds(message, `messages[${at}]`)
    return { model: body.model, heard }
  }
  const body = vendor === 'vllm' ? vllmBody(value, '') : openAiBody(value, '')
  if (countSet(body.max_tokens, body.max_completion_tokens) === 2) {
    fail('max_tokens', 'Setting both max_tokens and max_completion_tokens is not supported')
  }
  if (body.stream_options != null && body.stream !== true) fail('stream_options', 'only allowed when stream is enabled')
  if (body.top_logprobs != null && body.logprobs !== true) fail('top_logprobs', 'requires logprobs')
  const heard: Heard = {
    ...readShared(body, body.messages),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
    topK: 'top_k' in body && typeof body.top_k === 'number' ? body.top_k : null,
    seed: body.seed ?? null,
    logitBias: body.logit_bias ?? null,
    topLogprobs: body.logprobs === true ? (body.top_logprobs ?? -1) : null,
    endUser: body.user ?? null,
    ...('metadata' in body ? readVendorOnly(body) : {}),
    reasoning: body.reasoning_effort == null ? null : { effort: body.reasoning_effort, budget: null },
    wantsUsage: body.stream_options?.include_usage === true,
  }
  return { model: body.model, heard }
}

function readVendorOnly(body: ReturnType<typeof openAiBody>): Partial<Heard> {
  return {
    verbosity: body.verbosity ?? null,
    serviceTier: body.service_tier ?? null,
    endUser: body.safety_identifier ?? body.user ?? null,
    metadata: body.metadata ?? null,
    cacheKey: body.prompt_cache_key ?? null,
  }
}

type Shared = Readonly<{ [Key in keyof typeof sharedFields]: ReturnType<(typeof sharedFields)[Key]> }>

function readShared(body: Shared, messages: readonly Message[]): Heard {
  checkToolMessages(messages)
  for (const [at, { function: called }] of (body.tools ?? []).entries()) {
    const { parameters } = called
    if (parameters !== undefined && (parameters.type !== 'object' || parameters.properties === undefined)) {
      fail(`tools[${at}].function.parameters`, 'In context=(), object schema missing properties')
    }
  }
  const { tools, tool_choice: choice, response_format: format } = body
  if (choice !== undefined && tools === undefined) fail('tool_choice', 'only allowed when tools are specified')
  if (body.parallel_tool_calls !== undefined && tools === undefined) {
    fail('parallel_tool_calls', 'only allowed when tools are specified')
  }
  return {
    ...nothingHeard,
    isStream: body.stream === true,
    system: messages.flatMap((message) =>
      message.role === 'system' || message.role === 'developer' ? readTexts(message.content) : [],
    ),
    turns: readTurns(messages),
    tools: (tools ?? []).map(({ function: { name, description, parameters, strict } }) => ({
      name,
      description: description ?? null,
      schema: parameters ?? null,
      isStrict: strict === true,
    })),
    toolChoice: typeof choice === 'object' ? { name: choice.function.name } : (choice ?? null),
    isSingleCall: body.parallel_tool_calls === false,
    format: readFormat(format),
    maxTokens: body.max_tokens ?? null,
    stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []),
    temperature: body.temperature ?? null,
    topP: body.top_p ?? null,
    frequencyPenalty: body.frequency_penalty ?? null,
    presencePenalty: body.presence_penalty ?? null,
    choices: body.n ?? 1,
  }
}

function readFormat(format: Shared['response_format']): unknown {
  if (format === undefined || format.type === 'text') return null
  return format.type === 'json_schema' ? (format.json_schema.schema ?? null) : {}
}

function readTexts(content: string | readonly { readonly text: string }[]): readonly string[] {
  return typeof content === 'string' ? [content] : content.map((part) => part.text)
}

/** Every call is answered, in the messages right after it, and nothing else is. */
function checkToolMessages(messages: readonly Message[]): void {
  let open: readonly string[] = []
  for (const [at, message] of messages.entries()) {
    if (message.role === 'tool') {
      const id = message.tool_call_id
      if (!open.includes(id)) fail(`messages[${at}].tool_call_id`, `${id} answers no call of the message before`)
      open = open.filter((one) => one !== id)
      continue
    }
    if (open.length > 0) fail(`messages[${at}]`, `calls without an answer: ${open.join(', ')}`)
    if (message.role === 'assistant') {
      open = (message.tool_calls ?? []).map(({ id }) => id)
      const hasContent = message.content != null && message.content.length > 0
      if (!hasContent && open.length === 0 && message.refusal == null) fail(`messages[${at}].content`, 'is empty')
    }
  }
  if (open.length > 0) fail('messages', `calls without an answer: ${open.join(', ')}`)
}

/** "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9." */
function checkMistralIds(message: Message, path: string): void {
  const ids =
    message.role === 'tool'
      ? [message.tool_call_id]
      : message.role === 'assistant'
        ? (message.tool_calls ?? []).map(({ id }) => id)
        : []
  for (const id of ids) if (!/^[A-Za-z0-9]{9}$/.test(id)) fail(path, `tool call id ${id} must be 9 letters and digits`)
}

function readTurns(messages: readonly Message[]): readonly HeardTurn[] {
  const turns: HeardTurn[] = []
  for (const [at, message] of messages.entries()) {
    if (message.role === 'user') {
      const { content } = message
      const path = `messages[${at}].content`
      const parts: readonly HeardPart[] =
        typeof content === 'string'
          ? [{ kind: 'text', text: content }]
          : content.map((part, index) => readUserPart(part, `${path}[${index}]`))
      turns.push({ role: 'user', parts })
    } else if (message.role === 'tool') {
      const { content } = message
      const path = `messages[${at}].content`
      const parts: readonly HeardPart[] =
        typeof content === 'string'
          ? [{ kind: 'text', text: content }]
          : content.map((part, index) => readUserPart(part, `${path}[${index}]`))
      const result = { kind: 'result', id: message.tool_call_id, name: null, parts, isError: false } as const
      turns.push({ role: 'user', parts: [result] })
    } else if (message.role === 'assistant') {
      turns.push({ role: 'assistant', parts: readAssistant(message) })
    }
  }
  return turns
}

type UserContent = ReturnType<typeof userContent> | ReturnType<typeof mistralUserContent>

function readUserPart(part: UserContent, path: string): HeardPart {
  switch (part.type) {
    case 'document_url':
      return { kind: 'file-url', url: part.document_url }
    case 'text':
      return { kind: 'text', text: part.text }
    case 'image_url': {
      const url = typeof part.image_url === 'string' ? part.image_url : part.image_url.url
      if (/^https?:/.test(url)) return { kind: 'image-url', url }
      return { kind: 'image', ...readDataUrl(url, `${path}.image_url.url`, /^image\/(png|jpeg|gif|webp)$/) }
    }
    case 'input_audio':
      if (typeof part.input_audio === 'string') return { kind: 'audio', format: '', data: part.input_audio }
      return { kind: 'audio', ...part.input_audio }
    case 'file': {
      const { file_data: data, file_id: id, filename } = part.file
      if (countSet(data, id) !== 1) fail(`${path}.file`, 'needs file_data or file_id')
      if (data === undefined) return { kind: 'file-id', id: id ?? '' }
      if (filename === undefined) fail(`${path}.file.filename`, 'Missing required parameter')
      return { kind: 'file', name: filename ?? null, ...readDataUrl(data, `${path}.file.file_data`, /./) }
    }
  }
}

function readDataUrl(url: string, path: string, allowed: RegExp): Readonly<{ mediaType: string; data: string }> {
  const [, mediaType = '', data = ''] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
  if (!allowed.test(mediaType)) fail(path, `unsupported media type ${mediaType}`)
  return { mediaType, data: base64(data, path) }
}

type Assistant = ReturnType<typeof assistant> | ReturnType<typeof vllmAssistant> | ReturnType<typeof mistralAssistant>

function readAssistant(message: Assistant): readonly HeardPart[] {
  const parts: HeardPart[] = []
  if ('reasoning_content' in message && typeof message.reasoning_content === 'string') {
    parts.push({ kind: 'reasoning', text: message.reasoning_content, signature: null })
  }
  const { content, refusal, tool_calls: calls } = message
  if (typeof content === 'string') parts.push({ kind: 'text', text: content })
  else for (const part of content ?? []) parts.push(readAssistantPart(part))
  if (typeof refusal === 'string') parts.push({ kind: 'refusal', text: refusal })
  for (const { id, function: called } of calls ?? []) {
    parts.push({ kind: 'call', id, name: called.name, input: parseArguments(called.arguments), signature: null })
  }
  return parts
}

function readAssistantPart(part: ReturnType<typeof assistantContent> | ReturnType<typeof mistralContent>): HeardPart {
  if (part.type === 'thinking') {
    return { kind: 'reasoning', text: part.thinking.map((one) => one.text).join(''), signature: null }
  }
  return part.type === 'text' ? { kind: 'text', text: part.text } : { kind: 'refusal', text: part.refusal }
}

function parseArguments(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return fail('messages', `arguments are not JSON: ${given}`)
  }
}
