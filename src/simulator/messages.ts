// POST /v1/messages and /v1/messages/count_tokens: the Anthropic API, whole and streamed.
// https://docs.anthropic.com/en/api/messages and …/messages-streaming
import { type Answer, isObject, jsonAnswer, type SimulatedRequest } from './answer.ts'
import { readToolChoice, readTools } from './pick-tools.ts'
import { countPromptTokens, planReply, type Reply } from './plan-reply.ts'
import { readCount, readStop } from './read-options.ts'
import { type Prompt, readContent, readMessages } from './read-prompt.ts'
import { RequestError } from './request-error.ts'
import { splitTokens } from './tokens.ts'

export function answerMessages(request: SimulatedRequest): Answer {
  const { body } = request
  const maxTokens = readCount(body, ['max_tokens'])
  if (maxTokens === null) throw new RequestError(400, null, 'max_tokens: Field required')
  const prompt = readPrompt(request)
  const reply = planReply({
    prompt,
    model: request.model,
    answerTokens: request.answerTokens,
    maxTokens,
    stop: readStop(body.stop_sequences),
    tools: readTools(body.tools),
    toolChoice: readToolChoice(body.tool_choice),
    jsonSchema: null,
    variant: 0,
  })
  const blocks = createBlocks(request.id, reply)
  const message = {
    id: `msg_${request.id}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: blocks.map((block) => block.whole),
    stop_reason: readStopReason(reply),
    stop_sequence: null,
    usage: {
      input_tokens: countPromptTokens(prompt),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: reply.outputTokens,
    },
  }
  if (body.stream !== true) return jsonAnswer(message, reply.outputTokens)
  const started = { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } }
  const events: StreamEvent[] = [{ type: 'message_start', message: started }]
  for (const [index, block] of blocks.entries()) {
    events.push({ type: 'content_block_start', index, content_block: block.start })
    if (index === 0) events.push({ type: 'ping' })
    for (const delta of block.deltas) events.push({ type: 'content_block_delta', index, delta })
    events.push({ type: 'content_block_stop', index })
  }
  const delta = { stop_reason: message.stop_reason, stop_sequence: null }
  events.push({ type: 'message_delta', delta, usage: { output_tokens: reply.outputTokens } }, { type: 'message_stop' })
  return { kind: 'events', events: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`) }
}

export function answerCountTokens(request: SimulatedRequest): Answer {
  return jsonAnswer({ input_tokens: countPromptTokens(readPrompt(request)) })
}

type StreamEvent = Readonly<{ type: string; [field: string]: unknown }>
type Block = Readonly<{ whole: unknown; start: unknown; deltas: readonly unknown[] }>

function readPrompt({ body }: SimulatedRequest): Prompt {
  const prompt = readMessages(body.messages, 'messages')
  const system = readContent(body.system)
  return system === '' ? prompt : { ...prompt, texts: [system, ...prompt.texts] }
}

function readStopReason(reply: Reply): string {
  switch (reply.finishReason) {
    case 'tool_calls':
      return 'tool_use'
    case 'length':
      return 'max_tokens'
    case 'stop':
      return 'end_turn'
  }
}

function createBlocks(id: string, reply: Reply): Block[] {
  if (reply.toolCalls.length === 0) {
    return [
      {
        whole: { type: 'text', text: reply.tokens.join('') },
        start: { type: 'text', text: '' },
        deltas: reply.tokens.map((text) => ({ type: 'text_delta', text })),
      },
    ]
  }
  return reply.toolCalls.map((call, index) => {
    const head = { type: 'tool_use', id: `toolu_${id}${index}`, name: call.name }
    const input: unknown = JSON.parse(call.argumentsJson)
    return {
      whole: { ...head, input: isObject(input) ? input : {} },
      start: { ...head, input: {} },
      deltas: splitTokens(call.argumentsJson).map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    }
  })
}
