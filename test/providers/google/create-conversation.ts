// A conversation with nothing in it but what a test names.
import type { AssistantPart, Conversation, TextPart, Turn, UserPart } from '../../../src/conversation/conversation.ts'
import type { Call } from '../../../src/providers/provider.ts'

const empty: Conversation = {
  model: 'gemini-3-pro-preview',
  system: [],
  turns: [],
  tools: [],
  toolChoice: null,
  parallelToolCalls: null,
  responseFormat: null,
  reasoning: null,
  maxOutputTokens: null,
  temperature: null,
  topP: null,
  topK: null,
  frequencyPenalty: null,
  presencePenalty: null,
  seed: null,
  stop: [],
  choices: 1,
  logitBias: null,
  topLogprobs: null,
  verbosity: null,
  endUser: null,
  metadata: null,
  serviceTier: null,
  promptCacheKey: null,
  isStream: false,
  unknown: [],
}

export function text(content: string): TextPart {
  return { kind: 'text', text: content, cache: null }
}

export function user(...parts: readonly (string | UserPart)[]): Turn {
  return { role: 'user', parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)), name: null }
}

export function assistant(...parts: readonly AssistantPart[]): Turn {
  return { role: 'assistant', parts, name: null }
}

export function createConversation(fields: Partial<Conversation> = {}): Conversation {
  return { ...empty, turns: [user('Hi')], ...fields }
}

export function createCall(fields: Partial<Call> = {}): Call {
  return { model: empty.model, isStream: false, basePath: '/v1beta', maxOutputTokens: null, ...fields }
}
