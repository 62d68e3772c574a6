// POST /v1/responses, whole and streamed: text and function calls, no stored state.
// https://platform.openai.com/docs/api-reference/responses
import { type Answer, isObject, jsonAnswer, type SimulatedRequest } from './answer.ts'
import { readToolChoice, readTools, type ToolCall } from './pick-tools.ts'
import { countPromptTokens, planReply, type Reply } from './plan-reply.ts'
import { readCount, readJsonSchema } from './read-options.ts'
import { type Prompt, readMessages, readTexts } from './read-prompt.ts'
import { splitTokens } from './tokens.ts'

export function answerResponse(request: SimulatedRequest): Answer {
  const { body } = request
  const prompt = readInput(body.input)
  const reply = planReply({
    prompt,
    model: request.model,
    answerTokens: request.answerTokens,
    maxTokens: readCount(body, ['max_output_tokens']),
    stop: [],
    tools: readTools(body.tools),
    toolChoice: readToolChoice(body.tool_choice),
    jsonSchema: isObject(body.text) ? readJsonSchema(body.text.format) : null,
    variant: 0,
  })
  const output = createOutput(request.id, reply)
  const inputTokens = countPromptTokens(prompt)
  const base = {
    id: `resp_${request.id}`,
    object: 'response',
    created_at: request.createdSeconds,
    error: null,
    instructions: body.instructions ?? null,
    metadata: body.metadata ?? {},
    model: request.model,
    parallel_tool_calls: true,
    temperature: body.temperature ?? 1,
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
  }
  const whole = {
    ...base,
    status: reply.finishReason === 'length' ? 'incomplete' : 'completed',
    incomplete_details: reply.finishReason === 'length' ? { reason: 'max_output_tokens' } : null,
    output: output.map((item) => item.whole),
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: reply.outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + reply.outputTokens,
    },
  }
  if (body.stream !== true) return jsonAnswer(whole, reply.outputTokens)
  const started = { ...base, status: 'in_progress', incomplete_details: null, output: [], usage: null }
  const events = [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    ...output.flatMap((item) => item.events),
    { type: reply.finishReason === 'length' ? 'response.incomplete' : 'response.completed', response: whole },
  ]
  return { kind: 'events', events: events.map(renderEvent) }
}

type StreamEvent = Readonly<{ type: string }>
/** An output item in its final form and the events that bring it. */
type OutputItem = Readonly<{ whole: unknown; events: readonly StreamEvent[] }>

function renderEvent(event: StreamEvent, sequenceNumber: number): string {
  return `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequenceNumber })}\n\n`
}

function readInput(input: unknown): Prompt {
  if (Array.isArray(input)) return readMessages(input, 'input')
  const texts = readTexts(input, 'input')
  return { texts, question: texts.join('\n'), toolResult: null }
}

function createOutput(id: string, reply: Reply): OutputItem[] {
  if (reply.toolCalls.length === 0) return [createMessage(`msg_${id}`, reply)]
  return reply.toolCalls.map((call, index) => createFunctionCall(id, call, index))
}

function createMessage(id: string, reply: Reply): OutputItem {
  const place = { item_id: id, output_index: 0, content_index: 0 }
  const text = reply.tokens.join('')
  const part = { type: 'output_text', text, annotations: [], logprobs: [] }
  const status = reply.finishReason === 'length' ? 'incomplete' : 'completed'
  const whole = { id, type: 'message', status, role: 'assistant', content: [part] }
  const started = { ...whole, status: 'in_progress', content: [] }
  const events = [
    { type: 'response.output_item.added', output_index: 0, item: started },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    ...reply.tokens.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item: whole },
  ]
  return { whole, events }
}

function createFunctionCall(id: string, call: ToolCall, index: number): OutputItem {
  const itemId = `fc_${id}${index}`
  const place = { item_id: itemId, output_index: index }
  const head = { id: itemId, type: 'function_call', call_id: `call_${id}${index}`, name: call.name }
  const whole = { ...head, status: 'completed', arguments: call.argumentsJson }
  const deltas = splitTokens(call.argumentsJson).map((delta) => ({
    type: 'response.function_call_arguments.delta',
    ...place,
    delta,
  }))
  const events = [
    {
      type: 'response.output_item.added',
      output_index: index,
      item: { ...head, status: 'in_progress', arguments: '' },
    },
    ...deltas,
    { type: 'response.function_call_arguments.done', ...place, name: call.name, arguments: call.argumentsJson },
    { type: 'response.output_item.done', output_index: index, item: whole },
  ]
  return { whole, events }
}
