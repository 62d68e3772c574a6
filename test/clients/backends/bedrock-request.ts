// Reads a Converse request as AWS documents it.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
import { type Heard, type HeardPart, type HeardTurn, nothingHeard } from './heard.ts'
import {
  anything,
  base64,
  countSet,
  fail,
  filledText,
  integer,
  json,
  list,
  map,
  number,
  object,
  oneOf,
  optional,
  text,
} from './read-strictly.ts'

const cachePoint = optional(object({ type: oneOf('default'), ttl: optional(oneOf('5m', '1h')) }))
const s3 = optional(object({ uri: filledText, bucketOwner: optional(text) }))
const image = optional(
  object({
    format: oneOf('png', 'jpeg', 'gif', 'webp'),
    source: object({ bytes: optional(base64), s3Location: s3 }),
  }),
)
const documentFormats = ['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'] as const
const document = optional(
  object({
    format: oneOf(...documentFormats),
    name: filledText,
    source: object({ bytes: optional(base64), s3Location: s3, text: optional(text) }),
    context: optional(text),
    citations: optional(json),
  }),
)
/** A union: exactly one of them. */
const block = object({
  text: optional(filledText),
  image,
  document,
  toolUse: optional(object({ toolUseId: filledText, name: filledText, input: json })),
  toolResult: optional(
    object({
      toolUseId: filledText,
      content: list(object({ text: optional(text), json: optional(anything), image, document })),
      status: optional(oneOf('success', 'error')),
    }),
  ),
  reasoningContent: optional(
    object({
      reasoningText: optional(object({ text, signature: optional(text) })),
      redactedContent: optional(base64),
    }),
  ),
  cachePoint,
})
const body = object({
  messages: list(object({ role: oneOf('user', 'assistant'), content: list(block, 1) }), 1),
  system: optional(list(object({ text: optional(filledText), cachePoint }), 1)),
  inferenceConfig: optional(
    object({
      maxTokens: optional(integer(1)),
      temperature: optional(number(0, 1)),
      topP: optional(number(0, 1)),
      stopSequences: optional(list(filledText, 0, 2500)),
    }),
  ),
  toolConfig: optional(
    object({
      tools: list(
        object({
          toolSpec: optional(
            object({
              name: filledText,
              description: optional(filledText),
              inputSchema: object({ json }),
              strict: optional((value) => value === true),
            }),
          ),
          cachePoint,
        }),
        1,
      ),
      toolChoice: optional(
        object({
          auto: optional(object({})),
          any: optional(object({})),
          tool: optional(object({ name: filledText })),
        }),
      ),
    }),
  ),
  additionalModelRequestFields: optional(json),
  additionalModelResponseFieldPaths: optional(list(text)),
  requestMetadata: optional(map(text)),
  performanceConfig: optional(object({ latency: optional(oneOf('standard', 'optimized')) })),
  serviceTier: optional(object({ type: oneOf('default', 'flex', 'priority', 'reserved') })),
  outputConfig: optional(
    object({
      textFormat: optional(
        object({
          type: oneOf('json_schema'),
          structure: object({
            jsonSchema: object({ schema: filledText, name: optional(text), description: optional(text) }),
          }),
        }),
      ),
    }),
  ),
})
/** What Anthropic's models take beside Converse's own. */
const anthropicFields = object({
  thinking: optional(
    object({
      type: oneOf('enabled', 'disabled', 'adaptive'),
      budget_tokens: optional(integer(1024)),
      display: optional(text),
    }),
  ),
  top_k: optional(integer()),
  output_config: optional(object({ effort: optional(text), format: optional(json) })),
  tool_choice: optional(json),
  anthropic_beta: optional(list(text)),
})

type Block = ReturnType<typeof block>
type Body = ReturnType<typeof body>

export function readConverseRequest(value: unknown): Heard {
  const read = body(value, '')
  for (const [at, message] of read.messages.entries()) {
    for (const [index, part] of message.content.entries()) {
      if (countSet(...Object.values(part)) !== 1) fail(`messages.${at}.content.${index}`, 'must be exactly one member')
    }
  }
  checkMessages(read)
  const extra = anthropicFields(read.additionalModelRequestFields ?? {}, 'additionalModelRequestFields')
  const { inferenceConfig: inference, toolConfig } = read
  const thinking = extra.thinking?.type === 'disabled' ? undefined : extra.thinking
  if (
    thinking?.budget_tokens !== undefined &&
    thinking.budget_tokens >= (inference?.maxTokens ?? Number.POSITIVE_INFINITY)
  ) {
    fail('max_tokens', 'must be greater than `thinking.budget_tokens`')
  }
  if (thinking !== undefined && inference?.temperature !== undefined && inference.temperature !== 1) {
    fail('temperature', 'may only be set to 1 when thinking is enabled')
  }
  const structure = read.outputConfig?.textFormat?.structure.jsonSchema.schema
  const effort = extra.output_config?.effort ?? null
  return {
    ...nothingHeard,
    system: (read.system ?? []).flatMap((one) => (one.text === undefined ? [] : [one.text])),
    turns: read.messages.map(readTurn),
    tools: (toolConfig?.tools ?? []).flatMap(({ toolSpec }) =>
      toolSpec === undefined
        ? []
        : [
            {
              name: toolSpec.name,
              description: toolSpec.description ?? null,
              schema: toolSpec.inputSchema.json,
              isStrict: toolSpec.strict === true,
            },
          ],
    ),
    toolChoice: readChoice(toolConfig?.toolChoice),
    isSingleCall: JSON.stringify(extra.tool_choice ?? {}).includes('"disable_parallel_tool_use":true'),
    format: structure === undefined ? null : JSON.parse(structure),
    maxTokens: inference?.maxTokens ?? null,
    stop: inference?.stopSequences ?? [],
    temperature: inference?.temperature ?? null,
    topP: inference?.topP ?? null,
    topK: extra.top_k ?? null,
    metadata: read.requestMetadata ?? null,
    serviceTier: read.serviceTier?.type ?? null,
    cacheMarkers: JSON.stringify(read).split('"cachePoint":{').length - 1,
    reasoning: thinking !== undefined || effort !== null ? { effort, budget: thinking?.budget_tokens ?? null } : null,
  }
}

function readChoice(choice: NonNullable<Body['toolConfig']>['toolChoice']): Heard['toolChoice'] {
  if (choice === undefined) return null
  if (countSet(choice.auto, choice.any, choice.tool) !== 1) fail('toolConfig.toolChoice', 'must be exactly one member')
  if (choice.tool !== undefined) return { name: choice.tool.name }
  return choice.any === undefined ? 'auto' : 'required'
}

/** Turns alternate, the user begins; calls are answered in the next turn; tools are there where calls are. */
function checkMessages({ messages, toolConfig }: Body): void {
  let open: readonly string[] = []
  for (const [at, { role, content }] of messages.entries()) {
    if (role !== (at % 2 === 0 ? 'user' : 'assistant')) {
      fail(`messages.${at}`, 'A conversation must alternate between user and assistant roles and start with user')
    }
    const answered = content.flatMap(({ toolResult }) => (toolResult === undefined ? [] : [toolResult.toolUseId]))
    const unknown = answered.find((id) => !open.includes(id))
    if (unknown !== undefined) fail(`messages.${at}`, `toolResult ${unknown} has no toolUse in the turn before`)
    const missing = open.filter((id) => !answered.includes(id))
    if (missing.length > 0) fail(`messages.${at}`, `Expected toolResult blocks for ${missing.join(', ')}`)
    open = content.flatMap(({ toolUse }) => (toolUse === undefined ? [] : [toolUse.toolUseId]))
    for (const id of open) if (!/^[a-zA-Z0-9_-]{1,64}$/.test(id)) fail(`messages.${at}`, `toolUseId ${id}`)
    if ((open.length > 0 || answered.length > 0) && toolConfig === undefined) {
      fail('toolConfig', 'must be defined when using toolUse and toolResult content blocks')
    }
    const hasDocument = content.some((part) => part.document !== undefined)
    if (hasDocument && !content.some((part) => part.text !== undefined)) {
      fail(`messages.${at}`, 'A text block is required in a message with documents')
    }
    for (const part of content) {
      const name = part.document?.name
      // "alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets"
      if (name !== undefined && !/^[a-zA-Z0-9\s()[\]-]+$/.test(name)) fail(`messages.${at}`, `document name ${name}`)
    }
  }
  if (open.length > 0) fail('messages', 'calls without an answer')
}

function readTurn({ role, content }: Body['messages'][number]): HeardTurn {
  return { role, parts: content.flatMap(readBlock) }
}

const mediaTypes: Readonly<Record<string, string>> = { pdf: 'application/pdf', txt: 'text/plain' }

function readBlock(part: Block): readonly HeardPart[] {
  const { toolUse, toolResult, reasoningContent } = part
  if (part.text !== undefined) return [{ kind: 'text', text: part.text }]
  if (part.image !== undefined || part.document !== undefined) return readMedia(part)
  if (toolUse !== undefined) {
    const { toolUseId: id, name, input } = toolUse
    return [{ kind: 'call', id, name, input, signature: null }]
  }
  if (toolResult !== undefined) {
    const parts = toolResult.content.flatMap((inner): readonly HeardPart[] => {
      if (inner.text !== undefined) return [{ kind: 'text', text: inner.text }]
      if (inner.json !== undefined) return [{ kind: 'text', text: JSON.stringify(inner.json) }]
      return readMedia(inner)
    })
    return [{ kind: 'result', id: toolResult.toolUseId, name: null, parts, isError: toolResult.status === 'error' }]
  }
  if (reasoningContent !== undefined) {
    const { reasoningText, redactedContent } = reasoningContent
    if (redactedContent !== undefined) return [{ kind: 'redacted', data: redactedContent }]
    if (reasoningText === undefined) return fail('reasoningContent', 'is empty')
    return [{ kind: 'reasoning', text: reasoningText.text, signature: reasoningText.signature ?? null }]
  }
  return []
}

function readMedia({ image, document }: Pick<Block, 'image' | 'document'>): readonly HeardPart[] {
  const { bytes } = image?.source ?? document?.source ?? {}
  if (bytes === undefined) return fail('source', 'must have bytes')
  if (image !== undefined) return [{ kind: 'image', mediaType: `image/${image.format}`, data: bytes }]
  const { format = '', name = null } = document ?? {}
  return [{ kind: 'file', mediaType: mediaTypes[format] ?? format, data: bytes, name }]
}
