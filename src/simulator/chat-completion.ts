// POST /v1/chat/completions, whole and streamed.
// https://platform.openai.com/docs/api-reference/chat
import { type Answer, isObject, jsonAnswer, type SimulatedRequest } from './answer.ts'
import { readToolChoice, readTools, type ToolCall } from './pick-tools.ts'
import { countPromptTokens, planReply, type Reply } from './plan-reply.ts'
import { readChoiceCount, readCount, readJsonSchema, readStop } from './read-options.ts'
import { readMessages } from './read-prompt.ts'
import { splitTokens } from './tokens.ts'

export function answerChatCompletion(request: SimulatedRequest): Answer {
  const { body } = request
  const prompt = readMessages(body.messages, 'messages')
  const plan = {
    prompt,
    model: request.model,
    answerTokens: request.answerTokens,
    maxTokens: readCount(body, ['max_completion_tokens', 'max_tokens']),
    stop: readStop(body.stop),
    tools: readTools(body.tools),
    toolChoice: readToolChoice(body.tool_choice),
    jsonSchema: readJsonSchema(body.response_format),
  }
  const replies = Array.from({ length: readChoiceCount(body) }, (_, variant) => planReply({ ...plan, variant }))
  const usage = createUsage(countPromptTokens(prompt), replies)
  const head = { id: `chatcmpl-${request.id}`, created: request.createdSeconds, model: request.model }
  if (body.stream === true) {
    const hasUsage = isObject(body.stream_options) && body.stream_options.include_usage === true
    return { kind: 'events', events: renderEvents(head, replies, hasUsage ? usage : null) }
  }
  const choices = replies.map((reply, index) => ({
    index,
    message: {
      role: 'assistant',
      content: reply.toolCalls.length > 0 ? null : reply.tokens.join(''),
      refusal: null,
      ...(reply.toolCalls.length > 0 && {
        tool_calls: reply.toolCalls.map((call, at) => ({
          id: createCallId(request.id, index, at),
          type: 'function',
          function: { name: call.name, arguments: call.argumentsJson },
        })),
      }),
    },
    logprobs: null,
    finish_reason: reply.finishReason,
  }))
  return jsonAnswer({ ...head, object: 'chat.completion', choices, usage }, usage.completion_tokens)
}

type Head = Readonly<{ id: string; created: number; model: string }>

function createCallId(requestId: string, choice: number, call: number): string {
  return `call_${requestId}${choice}${call}`
}

/** OpenAI's usage of chat and completions. */
export function createUsage(promptTokens: number, replies: readonly Pick<Reply, 'outputTokens'>[]) {
  const completionTokens = replies.reduce((sum, reply) => sum + reply.outputTokens, 0)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  }
}

function renderEvents(head: Head, replies: readonly Reply[], usage: unknown): string[] {
  // The text around a delta is the same for every event of a stream: made once.
  const before = `data: ${JSON.stringify({ id: head.id, object: 'chat.completion.chunk', created: head.created, model: head.model }).slice(0, -1)},"choices":[`
  const after = usage === null ? ']}\n\n' : '],"usage":null}\n\n'
  const render = (index: number, delta: string, finishReason: string | null) =>
    `${before}{"index":${index},"delta":${delta},"logprobs":null,"finish_reason":${finishReason === null ? 'null' : `"${finishReason}"`}}${after}`
  const events: string[] = []
  for (const [index, reply] of replies.entries()) {
    const isToolCall = reply.toolCalls.length > 0
    events.push(render(index, `{"role":"assistant","content":${isToolCall ? 'null' : '""'},"refusal":null}`, null))
    for (const token of reply.tokens) events.push(render(index, `{"content":${JSON.stringify(token)}}`, null))
    for (const [at, call] of reply.toolCalls.entries()) {
      const id = createCallId(head.id.slice('chatcmpl-'.length), index, at)
      for (const delta of renderToolCallDeltas(call, at, id)) events.push(render(index, delta, null))
    }
    events.push(render(index, '{}', reply.finishReason))
  }
  if (usage !== null) events.push(`${before}],"usage":${JSON.stringify(usage)}}\n\n`)
  events.push('data: [DONE]\n\n')
  return events
}

/** The first delta names the call, the others bring its arguments in pieces. */
function renderToolCallDeltas(call: ToolCall, index: number, id: string): string[] {
  const first = { index, id, type: 'function', function: { name: call.name, arguments: '' } }
  const pieces = splitTokens(call.argumentsJson).map((piece) => ({ index, function: { arguments: piece } }))
  return [first, ...pieces].map((part) => JSON.stringify({ tool_calls: [part] }))
}
