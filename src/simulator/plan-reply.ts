// Decides what a simulated model says to a prompt (words, JSON or tool calls) and counts its tokens, for every dialect.
import { type AnswerText, createAnswerText, limitText } from './answer-text.ts'
import { type OfferedTool, pickToolCalls, pickWords, type ToolCall, type ToolChoice } from './pick-tools.ts'
import type { Prompt } from './read-prompt.ts'
import { sampleSchema } from './sample-schema.ts'
import { countTokens } from './tokens.ts'

export type ReplyRequest = Readonly<{
  prompt: Prompt
  model: string
  answerTokens: number
  maxTokens: number | null
  stop: readonly string[]
  tools: readonly OfferedTool[]
  toolChoice: ToolChoice
  /** The answer must be JSON by this schema; null: words. */
  jsonSchema: unknown
  /** Which of several choices this is, from 0. */
  variant: number
}>

export type Reply = Readonly<{
  /** The text in tokens; empty when tools are called. */
  tokens: readonly string[]
  toolCalls: readonly ToolCall[]
  finishReason: 'stop' | 'length' | 'tool_calls'
  outputTokens: number
}>

/** Tokens a chat template adds around each message, in the spirit of OpenAI's counting. */
const tokensPerMessage = 3

export function countPromptTokens(prompt: Prompt): number {
  let count = tokensPerMessage
  for (const text of prompt.texts) count += tokensPerMessage + countTokens(text)
  return count
}

export function planReply(request: ReplyRequest): Reply {
  if (request.prompt.toolResult === null && request.tools.length > 0) {
    const toolCalls = pickToolCalls(request.tools, request.toolChoice, request.prompt.question)
    if (toolCalls.length > 0) {
      const outputTokens = toolCalls.reduce((sum, call) => sum + countTokens(call.name + call.argumentsJson), 0)
      return { tokens: [], toolCalls, finishReason: 'tool_calls', outputTokens }
    }
  }
  const { tokens, finishReason } = planText(request)
  return { tokens, toolCalls: [], finishReason, outputTokens: tokens.length }
}

function planText(request: ReplyRequest): AnswerText {
  const { question, toolResult } = request.prompt
  if (request.jsonSchema !== null) {
    const value = sampleSchema(request.jsonSchema, { words: pickWords(question) })
    return limitText(JSON.stringify(value), { ...request, stop: [] })
  }
  const seedText = `${request.model}#${request.variant}`
  if (toolResult !== null) return limitText(`The tool answered: ${toolResult}`, request, request.answerTokens)
  return createAnswerText(question, seedText, request)
}
