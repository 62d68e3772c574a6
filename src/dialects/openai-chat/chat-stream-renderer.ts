// A chat answer as a stream of chunks. https://platform.openai.com/docs/api-reference/chat-streaming
import type { AnswerEvent, AnswerUsage } from '../../conversation/answer-event.ts'
import type { RenderContext, StreamRenderer } from '../conversation-api.ts'
import type { ChoiceEvent } from './fold-choice.ts'
import { renderFinishReason } from './render-finish-reason.ts'
import { renderLogprobs } from './render-logprobs.ts'
import { renderToolCall } from './render-tool-call.ts'
import { renderUsage } from './render-usage.ts'
import { ThinkingBlocks } from './thinking-blocks.ts'

/** What has been said of one choice. */
type Said = {
  hasRefusal: boolean
  readonly thinking: ThinkingBlocks
  /** Of each call: has it any arguments yet? */
  readonly hasArguments: boolean[]
}

type LogprobsEvent = Extract<AnswerEvent, { type: 'logprobs' }>

export class ChatStreamRenderer implements StreamRenderer {
  readonly #context: RenderContext
  readonly #choices: (Said | undefined)[] = []
  /** What is the same in every chunk is written once. */
  #before = ''
  readonly #after: string
  #usage: AnswerUsage | null = null

  constructor(context: RenderContext) {
    this.#context = context
    this.#after = context.request.wantsUsage ? ',"usage":null}\n\n' : '}\n\n'
    this.#start(null)
  }

  render(events: readonly AnswerEvent[]): string {
    let text = ''
    for (let at = 0; at < events.length; at++) {
      const event = events[at]
      if (event === undefined) continue
      if ('choice' in event) {
        const next = events[at + 1]
        // Said of the text before it, they go out in one chunk with it.
        const logprobs = event.type !== 'logprobs' && next?.type === 'logprobs' ? next : null
        text += this.#renderOf(event, logprobs?.choice === event.choice ? logprobs : null)
        if (logprobs?.choice === event.choice) at++
      } else if (event.type === 'start') this.#start(event.model)
      else if (event.type === 'usage') this.#usage = event.usage
      else if (event.type === 'end') text += this.#renderEnd()
    }
    return text
  }

  #start(model: string | null): void {
    const { seed, createdSeconds, request } = this.#context
    const head = JSON.stringify({
      id: `chatcmpl-${seed}`,
      object: 'chat.completion.chunk',
      created: createdSeconds,
      model: model ?? request.conversation.model,
      system_fingerprint: null,
    })
    this.#before = `data: ${head.slice(0, -1)},"choices":[`
  }

  #renderOf(event: ChoiceEvent, logprobs: LogprobsEvent | null): string {
    let text = ''
    let said = this.#choices[event.choice]
    if (said === undefined) {
      said = { hasRefusal: false, thinking: new ThinkingBlocks(), hasArguments: [] }
      this.#choices[event.choice] = said
      const content = event.type === 'tool-call' ? 'null' : '""'
      text = this.#chunk(event.choice, `{"role":"assistant","content":${content},"refusal":null}`, null, 'null')
    }
    said.thinking.push(event)
    switch (event.type) {
      case 'text':
        return `${text}${this.#chunk(event.choice, `{"content":${JSON.stringify(event.text)}}`, logprobs, 'null')}`
      case 'refusal':
        said.hasRefusal = true
        return `${text}${this.#chunk(event.choice, `{"refusal":${JSON.stringify(event.text)}}`, logprobs, 'null')}`
      case 'reasoning':
        return `${text}${this.#chunk(event.choice, `{"reasoning_content":${JSON.stringify(event.text)}}`, logprobs, 'null')}`
      case 'reasoning-signature':
      case 'redacted-reasoning':
        return logprobs === null ? text : `${text}${this.#chunk(event.choice, '{}', logprobs, 'null')}`
      case 'tool-call': {
        said.hasArguments[event.call] = false
        const delta = JSON.stringify({ tool_calls: [{ index: event.call, ...renderToolCall(event, '') }] })
        return `${text}${this.#chunk(event.choice, delta, logprobs, 'null')}`
      }
      case 'tool-arguments':
        if (event.json !== '') said.hasArguments[event.call] = true
        return `${text}${this.#argumentsChunk(event.choice, event.call, event.json, logprobs)}`
      case 'logprobs':
        return `${text}${this.#chunk(event.choice, '{}', event, 'null')}`
      case 'part-end':
        return logprobs === null ? text : `${text}${this.#chunk(event.choice, '{}', logprobs, 'null')}`
      case 'stop': {
        // Clients parse the arguments of every call: those of one without any are an empty object.
        for (const [call, has] of said.hasArguments.entries()) {
          if (has === false) text += this.#argumentsChunk(event.choice, call, '{}', null)
        }
        // All at once: of a list that comes in pieces the official clients keep the last piece, or fail.
        if (said.thinking.isSigned) {
          const delta = JSON.stringify({ thinking_blocks: said.thinking.blocks })
          text += this.#chunk(event.choice, delta, null, 'null')
        }
        const reason = renderFinishReason(event.reason, said.hasRefusal)
        return `${text}${this.#chunk(event.choice, '{}', logprobs, `"${reason}"`)}`
      }
    }
  }

  #argumentsChunk(choice: number, call: number, json: string, logprobs: LogprobsEvent | null): string {
    const delta = `{"tool_calls":[{"index":${call},"function":{"arguments":${JSON.stringify(json)}}}]}`
    return this.#chunk(choice, delta, logprobs, 'null')
  }

  /** `delta`, `reason`: JSON text. */
  #chunk(choice: number, delta: string, logprobs: LogprobsEvent | null, reason: string): string {
    const said = logprobs === null ? 'null' : JSON.stringify(renderLogprobs(logprobs.content))
    return `${this.#before}{"index":${choice},"delta":${delta},"logprobs":${said},"finish_reason":${reason}}]${this.#after}`
  }

  #renderEnd(): string {
    const isAsked = this.#context.request.wantsUsage && this.#usage !== null
    const usage = isAsked && this.#usage !== null ? JSON.stringify(renderUsage(this.#usage)) : null
    return `${usage === null ? '' : `${this.#before}],"usage":${usage}}\n\n`}data: [DONE]\n\n`
  }
}
