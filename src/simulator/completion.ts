// POST /v1/completions, whole and streamed: the older API, with a prompt instead of messages.
// https://platform.openai.com/docs/api-reference/completions
import { type Answer, isObject, jsonAnswer, type SimulatedRequest } from './answer.ts'
import { createUsage } from './chat-completion.ts'
import { planReply } from './plan-reply.ts'
import { readChoiceCount, readCount, readStop } from './read-options.ts'
import { readTexts } from './read-prompt.ts'
import { countTokens } from './tokens.ts'

export function answerCompletion(request: SimulatedRequest): Answer {
  const { body, model, answerTokens } = request
  const prompts = readTexts(body.prompt, 'prompt')
  const choiceCount = readChoiceCount(body)
  const replies = prompts.flatMap((question) =>
    Array.from({ length: choiceCount }, (_, variant) =>
      planReply({
        prompt: { texts: [question], question, toolResult: null },
        model,
        answerTokens,
        maxTokens: readCount(body, ['max_tokens']),
        stop: readStop(body.stop),
        tools: [],
        toolChoice: { kind: 'none' },
        jsonSchema: null,
        variant,
      }),
    ),
  )
  const promptTokens = prompts.reduce((sum, prompt) => sum + countTokens(prompt), 0)
  const usage = createUsage(promptTokens, replies)
  const head = { id: `cmpl-${request.id}`, object: 'text_completion', created: request.createdSeconds, model }
  if (body.stream !== true) {
    const choices = replies.map((reply, index) => createChoice(index, reply.tokens.join(''), reply.finishReason))
    return jsonAnswer({ ...head, choices, usage }, usage.completion_tokens)
  }
  const hasUsage = isObject(body.stream_options) && body.stream_options.include_usage === true
  const render = (choices: readonly unknown[], chunkUsage: unknown) =>
    `data: ${JSON.stringify({ ...head, choices, ...(hasUsage && { usage: chunkUsage }) })}\n\n`
  const events = replies.flatMap((reply, index) => [
    ...reply.tokens.map((token) => render([createChoice(index, token, null)], null)),
    render([createChoice(index, '', reply.finishReason)], null),
  ])
  if (hasUsage) events.push(render([], usage))
  return { kind: 'events', events: [...events, 'data: [DONE]\n\n'] }
}

function createChoice(index: number, text: string, finishReason: string | null) {
  return { index, text, logprobs: null, finish_reason: finishReason }
}
