// A unary chat answer. https://platform.openai.com/docs/api-reference/chat/object
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import type { RenderContext } from '../conversation-api.ts'
import { FoldedChoice } from './fold-choice.ts'
import { renderFinishReason } from './render-finish-reason.ts'
import { renderLogprobs } from './render-logprobs.ts'
import { renderToolCall } from './render-tool-call.ts'
import { renderUsage } from './render-usage.ts'

export function renderChatAnswer(events: readonly AnswerEvent[], context: RenderContext): string {
  const choices: FoldedChoice[] = []
  let model = context.request.conversation.model
  let usage: ReturnType<typeof renderUsage> | undefined
  for (const event of events) {
    if (event.type === 'start') model = event.model ?? model
    else if (event.type === 'usage') usage = renderUsage(event.usage)
    else if ('choice' in event) {
      let choice = choices[event.choice]
      if (choice === undefined) {
        choice = new FoldedChoice()
        choices[event.choice] = choice
      }
      choice.push(event)
    }
  }
  return JSON.stringify({
    id: `chatcmpl-${context.seed}`,
    object: 'chat.completion',
    created: context.createdSeconds,
    model,
    choices: choices.flatMap((choice, index) => [renderChoice(choice, index)]),
    ...(usage !== undefined && { usage }),
    system_fingerprint: null,
  })
}

function renderChoice(choice: FoldedChoice, index: number) {
  const { text, refusal, thinking, calls, logprobs, reason } = choice
  const isSilent = text === '' && (calls.length > 0 || refusal !== '')
  const message = {
    role: 'assistant',
    content: isSilent ? null : text,
    refusal: refusal === '' ? null : refusal,
    annotations: [],
    ...(thinking.text !== '' && { reasoning_content: thinking.text }),
    ...(thinking.isSigned && { thinking_blocks: thinking.blocks }),
    ...(calls.length > 0 && { tool_calls: calls.flatMap(({ call, json }) => [renderToolCall(call, json || '{}')]) }),
  }
  return {
    index,
    message,
    logprobs: logprobs.length === 0 ? null : renderLogprobs(logprobs),
    finish_reason: renderFinishReason(reason, refusal !== ''),
  }
}
