// The `response` object, as an answer and in the events of a stream: what was asked is in it again, with the defaults
// that were left unsaid. https://platform.openai.com/docs/api-reference/responses/object
import type { AnswerUsage } from '../../conversation/answer-event.ts'
import type { JsonObject, ParsedRequest } from '../../conversation/conversation.ts'
import { isRecord } from '../../is-record.ts'

export type ResponseState = Readonly<{
  id: string
  createdSeconds: number
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  model: string
  /** The JSON of the items. */
  output: readonly string[]
  usage: AnswerUsage | null
  incompleteReason: 'max_output_tokens' | 'content_filter' | null
  error: Readonly<{ code: string; message: string }> | null
}>

/** `echo`: by `renderEcho`. */
export function renderResponse(state: ResponseState, echo: string): string {
  const { id, createdSeconds, status, model, output, usage, incompleteReason, error } = state
  const details = incompleteReason === null ? 'null' : `{"reason":"${incompleteReason}"}`
  return (
    `{"id":"${id}","object":"response","created_at":${createdSeconds},"status":"${status}",` +
    `"error":${JSON.stringify(error)},"incomplete_details":${details},"model":${JSON.stringify(model)},` +
    `"output":[${output.join(',')}],"usage":${renderUsage(usage)},${echo}}`
  )
}

/** The members of every `response` object of one exchange, made once: tools may be long. */
export function renderEcho({ conversation, body = {} }: ParsedRequest): string {
  const text = isRecord(body.text) ? body.text : {}
  const reasoning = isRecord(body.reasoning) ? body.reasoning : {}
  const echo = {
    background: false,
    instructions: body.instructions ?? null,
    max_output_tokens: conversation.maxOutputTokens,
    max_tool_calls: null,
    metadata: conversation.metadata ?? {},
    parallel_tool_calls: conversation.parallelToolCalls ?? true,
    previous_response_id: null,
    prompt_cache_key: conversation.promptCacheKey,
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: conversation.serviceTier ?? 'default',
    store: false,
    temperature: conversation.temperature ?? 1,
    text: { format: text.format ?? { type: 'text' }, verbosity: text.verbosity ?? 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: Array.isArray(body.tools) ? body.tools.map(completeTool) : [],
    top_logprobs: conversation.topLogprobs ?? 0,
    top_p: conversation.topP ?? 1,
    truncation: 'disabled',
    ...(body.user === undefined ? {} : { user: body.user }),
  }
  return JSON.stringify(echo).slice(1, -1)
}

function completeTool(tool: unknown): JsonObject {
  const given = isRecord(tool) ? tool : {}
  return { description: null, parameters: null, strict: null, ...given }
}

/** https://platform.openai.com/docs/api-reference/responses/object#responses-object-usage */
function renderUsage(usage: AnswerUsage | null): string {
  if (usage === null) return 'null'
  return JSON.stringify({
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cachedInput, cache_write_tokens: usage.cacheWriteInput },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  })
}
