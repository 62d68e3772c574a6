// A conversation as the body of Cohere's chat, version 2. https://docs.cohere.com/reference/chat
import type { Conversation, Tool } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readBudgetTokens } from '../../conversation/reasoning-level.ts'
import { encodeMessages } from './encode-messages.ts'

type Fields = Readonly<Record<string, unknown>>

const maxStopSequences = 5
const maxK = 500
/** Of `p`; all of the probability mass, which OpenAI's clients say by 1, is the most there is. */
const range = { least: 0.01, most: 0.99 }

/** The JSON body. Throws UnsupportedFeature. */
export function encodeChat(conversation: Conversation): string {
  const { model, isStream, maxOutputTokens, seed, topLogprobs } = conversation
  const { messages, documents } = encodeMessages(conversation)
  const hasResults = messages.some(({ role }) => role === 'tool')
  return JSON.stringify({
    model,
    messages,
    stream: isStream,
    ...encodeTools(conversation),
    ...(documents.length === 0 ? {} : { documents }),
    // Nobody could read them: none of the client APIs has a place for what it would cite.
    ...(documents.length > 0 || hasResults ? { citation_options: { mode: 'OFF' } } : {}),
    ...encodeResponseFormat(conversation, documents.length > 0),
    ...(maxOutputTokens === null ? {} : { max_tokens: maxOutputTokens }),
    ...encodeSampling(conversation),
    ...(seed === null ? {} : { seed }),
    ...(topLogprobs === null ? {} : encodeLogprobs(topLogprobs)),
    ...encodeThinking(conversation),
  })
}

function encodeTools({ tools, toolChoice }: Conversation): Fields {
  if (tools.length === 0) return {}
  // There is no choice by name: the one tool it may have is the one it must call.
  const offered = toolChoice?.kind === 'tool' ? tools.filter(({ name }) => name === toolChoice.name) : tools
  if (offered.length === 0) throw new UnsupportedFeature('toolChoice', 'The tool to be called is not among the tools.')
  const strict = offered.filter(({ isStrict }) => isStrict === true).length
  if (strict > 0 && strict < offered.length) {
    throw new UnsupportedFeature('strictTools', 'With this model either all tools are strict, or none is.')
  }
  return {
    tools: offered.map(encodeTool),
    ...(strict > 0 ? { strict_tools: true } : {}),
    ...(toolChoice === null || toolChoice.kind === 'auto'
      ? {}
      : { tool_choice: toolChoice.kind === 'none' ? 'NONE' : 'REQUIRED' }),
  }
}

function encodeTool({ name, description, parameters }: Tool): Fields {
  return { type: 'function', function: { name, ...(description === null ? {} : { description }), parameters } }
}

/** https://docs.cohere.com/docs/structured-outputs: not together with tools or documents. */
function encodeResponseFormat({ responseFormat: format, tools }: Conversation, hasDocuments: boolean): Fields {
  if (format === null) return {}
  if (tools.length > 0 || hasDocuments) {
    const feature = format.kind === 'json-object' ? 'jsonObject' : 'jsonSchema'
    throw new UnsupportedFeature(feature, 'This model takes no response format together with tools or files.')
  }
  const schema = format.kind === 'json-schema' ? { schema: format.schema } : {}
  return { response_format: { type: 'json_object', ...schema } }
}

function encodeSampling(conversation: Conversation): Fields {
  const { temperature, topP, topK, frequencyPenalty, presencePenalty, stop } = conversation
  if (stop.length > maxStopSequences) {
    throw new UnsupportedFeature('stop', `This model takes up to ${maxStopSequences} stop sequences.`)
  }
  if (topK !== null && topK > maxK) throw new UnsupportedFeature('topK', `This model takes top_k up to ${maxK}.`)
  checkPenalty('frequencyPenalty', 'frequency_penalty', frequencyPenalty)
  checkPenalty('presencePenalty', 'presence_penalty', presencePenalty)
  return {
    ...(stop.length === 0 ? {} : { stop_sequences: stop }),
    ...(temperature === null ? {} : { temperature }),
    ...(frequencyPenalty === null ? {} : { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty === null ? {} : { presence_penalty: presencePenalty }),
    ...(topK === null ? {} : { k: topK }),
    ...(topP === null ? {} : { p: Math.min(Math.max(topP, range.least), range.most) }),
  }
}

function checkPenalty(feature: 'frequencyPenalty' | 'presencePenalty', name: string, value: number | null): void {
  if (value !== null && (value < 0 || value > 1)) {
    throw new UnsupportedFeature(feature, `This model takes a ${name} from 0 to 1.`)
  }
}

function encodeLogprobs(top: number): Fields {
  if (top > 0) throw new UnsupportedFeature('logprobs', 'This model tells log probabilities of the chosen tokens only.')
  return { logprobs: true }
}

/** https://docs.cohere.com/docs/reasoning */
function encodeThinking({ reasoning }: Conversation): Fields {
  if (reasoning === null) return {}
  const budget = readBudgetTokens(reasoning)
  if (budget === 0) return { thinking: { type: 'disabled' } }
  return { thinking: { type: 'enabled', ...(budget === null ? {} : { token_budget: budget }) } }
}
