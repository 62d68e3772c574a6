// Answers of the Responses API, whole and streamed: the items and what stands around them.
// https://platform.openai.com/docs/api-reference/responses-streaming
import type { AnswerEvent, AnswerUsage, StopReason } from '../../conversation/answer-event.ts'
import type { GatewayError } from '../../errors/gateway-error.ts'
import type { RenderContext, StreamRenderer } from '../conversation-api.ts'
import { type Emit, OutputItems } from './output-items.ts'
import { type ResponseState, renderEcho, renderResponse } from './response-object.ts'

export function renderAnswer(events: readonly AnswerEvent[], context: RenderContext): string {
  const answer = new ResponseAnswer(context, null)
  for (const event of events) answer.push(event)
  return answer.render()
}

export class ResponsesStreamRenderer implements StreamRenderer {
  readonly #answer: ResponseAnswer
  #sequence = 0
  #isBegun = false
  #text = ''

  constructor(context: RenderContext) {
    this.#answer = new ResponseAnswer(context, (type, members) => this.#write(type, members))
  }

  render(events: readonly AnswerEvent[]): string {
    for (const event of events) {
      if (event.type !== 'start') this.#begin()
      this.#answer.push(event)
      if (event.type === 'end') this.#writeResponse(`response.${this.#answer.status}`)
    }
    return this.#take()
  }

  /** The response as far as it came, which failed; then the event that the official clients throw on. */
  renderError({ code, publicText: message, param }: GatewayError): string {
    this.#begin()
    this.#answer.fail(message)
    this.#writeResponse('response.failed')
    this.#write('error', `"code":"${code}","message":${JSON.stringify(message)},"param":${JSON.stringify(param)}`)
    return this.#take()
  }

  #begin(): void {
    if (this.#isBegun) return
    this.#isBegun = true
    this.#writeResponse('response.created')
    this.#writeResponse('response.in_progress')
  }

  #writeResponse(type: string): void {
    this.#write(type, `"response":${this.#answer.render()}`)
  }

  #write(type: string, members: string): void {
    this.#text += `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence++},${members}}\n\n`
  }

  #take(): string {
    const text = this.#text
    this.#text = ''
    return text
  }
}

class ResponseAnswer {
  status: ResponseState['status'] = 'in_progress'
  readonly #context: RenderContext
  readonly #items: OutputItems
  readonly #echo: string
  #createdSeconds: number
  #model: string
  #usage: AnswerUsage | null = null
  #incompleteReason: ResponseState['incompleteReason'] = null
  #error: ResponseState['error'] = null
  /** It said in words that it refuses, which OpenAI's models end like any other answer. */
  #hasRefusal = false

  constructor(context: RenderContext, emit: Emit | null) {
    const { request, seed, createdSeconds } = context
    this.#context = context
    this.#items = new OutputItems(seed, request.conversation.reasoning?.isShown === true, emit)
    this.#echo = renderEcho(request)
    this.#createdSeconds = createdSeconds
    this.#model = request.conversation.model
  }

  push(event: AnswerEvent): void {
    switch (event.type) {
      case 'start':
        this.#model = event.model ?? this.#model
        this.#createdSeconds = event.createdSeconds ?? this.#createdSeconds
        break
      case 'usage':
        this.#usage = event.usage
        break
      case 'stop':
        this.#incompleteReason = readIncompleteReason(event.reason, this.#hasRefusal)
        this.#items.close(this.#incompleteReason === null ? 'completed' : 'incomplete')
        break
      case 'end':
        this.#items.close('completed')
        this.status = this.#incompleteReason === null ? 'completed' : 'incomplete'
        break
      default:
        this.#hasRefusal ||= event.type === 'refusal'
        this.#items.push(event)
    }
  }

  fail(message: string): void {
    this.status = 'failed'
    this.#error = { code: 'server_error', message }
  }

  render(): string {
    const state: ResponseState = {
      id: `resp_${this.#context.seed}`,
      createdSeconds: this.#createdSeconds,
      status: this.status,
      model: this.#model,
      output: this.#items.list(),
      usage: this.#usage,
      incompleteReason: this.#incompleteReason,
      error: this.#error,
    }
    return renderResponse(state, this.#echo)
  }
}

/** A full context window ends an answer as its own limit does; the API has no word for it. */
function readIncompleteReason(reason: StopReason, hasRefusal: boolean): ResponseState['incompleteReason'] {
  if (reason === 'length' || reason === 'context-window') return 'max_output_tokens'
  return reason === 'content-filter' || (reason === 'refusal' && !hasRefusal) ? 'content_filter' : null
}
