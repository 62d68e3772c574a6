// OpenAI's own Responses API: read strictly, answered to the byte. Only clients of that API are passed to it.
// https://platform.openai.com/docs/api-reference/responses
import { type Heard, type HeardPart, type HeardTurn, nothingHeard } from './heard.ts'
import {
  anything,
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
import type { Said, SaidPart, SaidUsage } from './said.ts'
import { renderNamed, type Understood, type Wire } from './scripted-family.ts'

const inputContent = tagged('type', {
  input_text: object({ type: oneOf('input_text'), text }),
  input_image: object({
    type: oneOf('input_image'),
    image_url: maybe(text),
    file_id: maybe(text),
    detail: optional(oneOf('auto', 'low', 'high')),
  }),
  input_file: object({
    type: oneOf('input_file'),
    file_data: optional(text),
    file_id: maybe(text),
    file_url: optional(text),
    filename: optional(text),
  }),
  output_text: object({
    type: oneOf('output_text'),
    text,
    annotations: optional(list(anything)),
    logprobs: optional(list(anything)),
  }),
  refusal: object({ type: oneOf('refusal'), refusal: text }),
})
const status = optional(oneOf('in_progress', 'completed', 'incomplete'))
const message = object({
  type: optional(oneOf('message')),
  role: oneOf('user', 'assistant', 'system', 'developer'),
  content: either(text, list(inputContent, 1), isText),
  id: optional(text),
  status,
  phase: maybe(text),
})
const otherItem = tagged('type', {
  function_call: object({
    type: oneOf('function_call'),
    call_id: filledText,
    name: filledText,
    arguments: text,
    id: optional(text),
    status,
    /** The client's own addition, which the API takes. */
    parsed_arguments: maybe(anything),
  }),
  function_call_output: object({
    type: oneOf('function_call_output'),
    call_id: filledText,
    output: either(text, list(inputContent), isText),
    id: maybe(text),
    status,
  }),
  reasoning: object({
    type: oneOf('reasoning'),
    id: filledText,
    summary: list(object({ type: oneOf('summary_text'), text })),
    content: optional(list(object({ type: oneOf('reasoning_text'), text }))),
    encrypted_content: maybe(text),
    status: maybe(text),
  }),
})
const isMessage = (value: unknown) =>
  typeof value === 'object' && value !== null && 'role' in value && (!('type' in value) || value.type === 'message')

const body = object({
  model: filledText,
  input: either(text, list(either(message, otherItem, isMessage), 1), isText),
  instructions: maybe(text),
  stream: maybe(flag),
  tools: optional(
    list(
      object({
        type: oneOf('function'),
        name: filledText,
        description: maybe(text),
        parameters: json,
        strict: maybe(flag),
      }),
    ),
  ),
  tool_choice: optional(
    either(oneOf('auto', 'none', 'required'), object({ type: oneOf('function'), name: filledText }), isText),
  ),
  parallel_tool_calls: maybe(flag),
  text: optional(
    object({
      format: optional(
        tagged('type', {
          text: object({ type: oneOf('text') }),
          json_object: object({ type: oneOf('json_object') }),
          json_schema: object({
            type: oneOf('json_schema'),
            name: filledText,
            schema: json,
            description: optional(text),
            strict: maybe(flag),
          }),
        }),
      ),
      verbosity: maybe(oneOf('low', 'medium', 'high')),
    }),
  ),
  reasoning: maybe(
    object({
      effort: maybe(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
      summary: maybe(oneOf('auto', 'concise', 'detailed')),
    }),
  ),
  include: maybe(list(text)),
  max_output_tokens: maybe(integer(1)),
  temperature: maybe(number(0, 2)),
  top_p: maybe(number(0, 1)),
  top_logprobs: maybe(integer(0, 20)),
  metadata: maybe(map(text)),
  user: optional(text),
  safety_identifier: maybe(text),
  prompt_cache_key: maybe(text),
  service_tier: maybe(oneOf('auto', 'default', 'flex', 'priority', 'fast')),
  store: maybe(flag),
  previous_response_id: maybe(filledText),
  truncation: maybe(oneOf('auto', 'disabled')),
})

export function understandResponses(value: unknown): Understood {
  const read = body(value, '')
  const items = typeof read.input === 'string' ? [{ role: 'user' as const, content: read.input }] : read.input
  const choice = read.tool_choice
  const format = read.text?.format
  const heard: Heard = {
    ...nothingHeard,
    isStream: read.stream === true,
    system: [
      ...(read.instructions == null ? [] : [read.instructions]),
      ...items.flatMap((item) =>
        'role' in item && (item.role === 'system' || item.role === 'developer') ? [readTextOf(item.content)] : [],
      ),
    ],
    turns: items.flatMap((item, at) => readItem(item, `input[${at}]`)),
    tools: (read.tools ?? []).map(({ name, description, parameters, strict }) => ({
      name,
      description: description ?? null,
      schema: parameters,
      // Strict unless said otherwise.
      isStrict: strict === true,
    })),
    toolChoice: typeof choice === 'object' ? { name: choice.name } : (choice ?? null),
    isSingleCall: read.parallel_tool_calls === false,
    format: format === undefined || format.type === 'text' ? null : format.type === 'json_schema' ? format.schema : {},
    maxTokens: read.max_output_tokens ?? null,
    temperature: read.temperature ?? null,
    topP: read.top_p ?? null,
    topLogprobs: read.top_logprobs ?? null,
    verbosity: read.text?.verbosity ?? null,
    serviceTier: read.service_tier ?? null,
    endUser: read.safety_identifier ?? read.user ?? null,
    metadata: read.metadata ?? null,
    cacheKey: read.prompt_cache_key ?? null,
    reasoning: read.reasoning == null ? null : { effort: read.reasoning.effort ?? null, budget: null },
  }
  checkCalls(items)
  return { model: read.model, heard, wire }
}

type Item =
  | Readonly<{ role: ReturnType<typeof message>['role']; content: ReturnType<typeof message>['content'] }>
  | ReturnType<typeof otherItem>

function checkCalls(items: readonly Item[]): void {
  const called = items.flatMap((item) => ('type' in item && item.type === 'function_call' ? [item.call_id] : []))
  const answered = items.flatMap((item) =>
    'type' in item && item.type === 'function_call_output' ? [item.call_id] : [],
  )
  for (const id of answered) if (!called.includes(id)) fail('input', `No tool call found for ${id}`)
  for (const id of called) if (!answered.includes(id)) fail('input', `No tool output found for ${id}`)
}

function readTextOf(content: ReturnType<typeof message>['content']): string {
  if (typeof content === 'string') return content
  return content.map((part) => ('text' in part ? part.text : '')).join('')
}

function readItem(item: Item, path: string): readonly HeardTurn[] {
  if ('role' in item) {
    if (item.role === 'system' || item.role === 'developer') return []
    const parts: readonly HeardPart[] =
      typeof item.content === 'string'
        ? [{ kind: 'text', text: item.content }]
        : item.content.map((part) => readPart(part, path))
    return [{ role: item.role, parts }]
  }
  switch (item.type) {
    case 'function_call': {
      const input: unknown = JSON.parse(item.arguments)
      return [
        { role: 'assistant', parts: [{ kind: 'call', id: item.call_id, name: item.name, input, signature: null }] },
      ]
    }
    case 'function_call_output': {
      const parts: readonly HeardPart[] =
        typeof item.output === 'string'
          ? [{ kind: 'text', text: item.output }]
          : item.output.map((part) => readPart(part, path))
      return [{ role: 'user', parts: [{ kind: 'result', id: item.call_id, name: null, parts, isError: false }] }]
    }
    case 'reasoning': {
      const said = item.summary.map((one) => one.text).join('')
      const signature = item.encrypted_content ?? null
      return [{ role: 'assistant', parts: [{ kind: 'reasoning', text: said, signature }] }]
    }
  }
}

function readPart(part: ReturnType<typeof inputContent>, path: string): HeardPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { kind: 'text', text: part.text }
    case 'refusal':
      return { kind: 'refusal', text: part.refusal }
    case 'input_image': {
      const url = part.image_url ?? fail(path, 'needs image_url')
      const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/s.exec(url) ?? []
      if (mediaType === undefined || data === undefined) return { kind: 'image-url', url }
      return { kind: 'image', mediaType, data }
    }
    case 'input_file': {
      if (part.file_url !== undefined) return { kind: 'file-url', url: part.file_url }
      if (part.file_data === undefined) return { kind: 'file-id', id: part.file_id ?? fail(path, 'needs a file') }
      const [, mediaType = '', data = ''] = /^data:([^;]+);base64,(.*)$/s.exec(part.file_data) ?? []
      return { kind: 'file', mediaType, data, name: part.filename ?? fail(path, 'needs a filename') }
    }
  }
}

const wire: Wire = {
  streamMediaType: 'text/event-stream; charset=utf-8',
  renderAnswer: (said, model) => renderResponse(said, model, renderOutput(said)),
  renderStream,
  renderStreamError: (error) => {
    const { message: said } = error
    return renderNamed('error', { type: 'error', code: 'server_error', message: said, param: null, sequence_number: 0 })
  },
}

const id = 'resp_68f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5'

function renderResponse(said: Said, model: string, output: readonly object[]) {
  const isCut = said.stop === 'length' || said.stop === 'filter'
  return {
    id,
    object: 'response',
    created_at: 1_780_000_000,
    status: isCut ? 'incomplete' : 'completed',
    background: false,
    error: null,
    incomplete_details: isCut ? { reason: said.stop === 'length' ? 'max_output_tokens' : 'content_filter' } : null,
    instructions: null,
    max_output_tokens: null,
    model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: renderUsage(said.usage),
    user: null,
    metadata: {},
  }
}

function renderUsage({ input, cached, output, reasoning }: SaidUsage) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  }
}

function renderOutput(said: Said): readonly object[] {
  return said.parts.map((part, index) => renderItem(part, index, said.stop === 'length'))
}

function renderItem(part: SaidPart, index: number, isCut: boolean): object {
  switch (part.kind) {
    case 'text': {
      const content = [{ type: 'output_text', annotations: [], logprobs: [], text: part.pieces.join('') }]
      return {
        id: `msg_${index}`,
        type: 'message',
        status: isCut ? 'incomplete' : 'completed',
        content,
        role: 'assistant',
      }
    }
    case 'refusal': {
      const content = [{ type: 'refusal', refusal: part.text }]
      return { id: `msg_${index}`, type: 'message', status: 'completed', content, role: 'assistant' }
    }
    case 'reasoning':
      return {
        id: `rs_${index}`,
        type: 'reasoning',
        encrypted_content: part.signature,
        summary: [{ type: 'summary_text', text: part.pieces.join('') }],
      }
    case 'redacted':
      return { id: `rs_${index}`, type: 'reasoning', encrypted_content: part.data, summary: [] }
    case 'call':
      return {
        id: `fc_${index}`,
        type: 'function_call',
        status: 'completed',
        arguments: part.json.join('') || '{}',
        call_id: `call_CjIfWk8FGd2bQz7yTq3Xn5m${index}`,
        name: part.name,
      }
  }
}

function renderStream(said: Said, model: string): readonly string[] {
  const frames: string[] = []
  const push = (type: string, fields: object) => {
    frames.push(renderNamed(type, { type, sequence_number: frames.length, ...fields }))
  }
  const begun = { ...renderResponse(said, model, []), status: 'in_progress', usage: null, incomplete_details: null }
  push('response.created', { response: begun })
  push('response.in_progress', { response: begun })
  for (const [index, part] of said.parts.entries()) {
    const item = renderItem(part, index, false)
    const at = { output_index: index, item_id: 'id' in item ? item.id : '' }
    const empty = { ...item, status: 'in_progress', ...emptied(part) }
    push('response.output_item.added', { output_index: index, item: empty })
    pushPart(push, part, at)
    push('response.output_item.done', { output_index: index, item: renderItem(part, index, said.stop === 'length') })
  }
  const response = renderResponse(said, model, renderOutput(said))
  push(`response.${response.status}`, { response })
  return frames
}

function emptied(part: SaidPart): object {
  if (part.kind === 'call') return { arguments: '' }
  return part.kind === 'text' || part.kind === 'refusal' ? { content: [] } : { summary: [] }
}

type Push = (type: string, fields: object) => void

function pushPart(push: Push, part: SaidPart, at: Readonly<{ output_index: number; item_id: unknown }>): void {
  const inContent = { ...at, content_index: 0 }
  switch (part.kind) {
    case 'text': {
      const empty = { type: 'output_text', annotations: [], logprobs: [], text: '' }
      const whole = part.pieces.join('')
      push('response.content_part.added', { ...inContent, part: empty })
      for (const delta of part.pieces) push('response.output_text.delta', { ...inContent, delta, logprobs: [] })
      push('response.output_text.done', { ...inContent, text: whole, logprobs: [] })
      push('response.content_part.done', { ...inContent, part: { ...empty, text: whole } })
      return
    }
    case 'refusal':
      push('response.content_part.added', { ...inContent, part: { type: 'refusal', refusal: '' } })
      push('response.refusal.delta', { ...inContent, delta: part.text })
      push('response.refusal.done', { ...inContent, refusal: part.text })
      push('response.content_part.done', { ...inContent, part: { type: 'refusal', refusal: part.text } })
      return
    case 'reasoning': {
      const inSummary = { ...at, summary_index: 0 }
      const whole = part.pieces.join('')
      push('response.reasoning_summary_part.added', { ...inSummary, part: { type: 'summary_text', text: '' } })
      for (const delta of part.pieces) push('response.reasoning_summary_text.delta', { ...inSummary, delta })
      push('response.reasoning_summary_text.done', { ...inSummary, text: whole })
      push('response.reasoning_summary_part.done', { ...inSummary, part: { type: 'summary_text', text: whole } })
      return
    }
    case 'redacted':
      return
    case 'call':
      for (const delta of part.json) push('response.function_call_arguments.delta', { ...at, delta })
      push('response.function_call_arguments.done', { ...at, arguments: part.json.join('') || '{}' })
      return
  }
}
