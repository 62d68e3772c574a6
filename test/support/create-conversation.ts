// A conversation of one short turn that uses no feature, but for what a test says.
import type { Conversation, TextPart } from '../../src/conversation/conversation.ts'

export function text(said: string): TextPart {
  return { kind: 'text', text: said, cache: null }
}

export function createConversation(overrides: Partial<Conversation> = {}): Conversation {
  return {
    model: 'm',
    system: [],
    turns: [{ role: 'user', parts: [text('Hello')], name: null }],
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
    ...overrides,
  }
}
