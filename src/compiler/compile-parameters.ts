// Owns `spec.parameters`: which default a request of which operation gets. Only the body's top level is ever touched.

import type { Findings } from '../api/findings.ts'
import type { Operation } from '../providers/operation.ts'
import type { ModelType, ParameterDefault } from '../routing/table.ts'

type Defaults = Readonly<Partial<Record<Operation, readonly ParameterDefault[]>>>

type Carries = (operation: Operation, name: string, value: unknown) => boolean

const noDefaults: Defaults = Object.freeze({})

/** The JSON operations of a model type; multipart bodies can't be merged into. */
const operationsByType: Readonly<Record<ModelType, readonly Operation[]>> = {
  LLM: ['chat/completions', 'completions', 'responses', 'messages'],
  Sentiment: ['chat/completions', 'completions'],
  Embedding: ['embeddings'],
  ImageGen: ['images/generations'],
  TextToSpeech: ['audio/speech'],
  Rerank: ['rerank'],
  Moderation: ['moderations'],
  SpeechToText: [],
}

/** Spellings of Kubernetes manifests for names of the clients' APIs. Whatever is not here is sent as written. */
const wireNames: Readonly<Record<string, string>> = {
  maxTokens: 'max_tokens',
  maxCompletionTokens: 'max_completion_tokens',
  maxOutputTokens: 'max_output_tokens',
  topP: 'top_p',
  topK: 'top_k',
  topN: 'top_n',
  minP: 'min_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  repetitionPenalty: 'repetition_penalty',
  logitBias: 'logit_bias',
  topLogprobs: 'top_logprobs',
  responseFormat: 'response_format',
  reasoningEffort: 'reasoning_effort',
  parallelToolCalls: 'parallel_tool_calls',
  toolChoice: 'tool_choice',
  serviceTier: 'service_tier',
  encodingFormat: 'encoding_format',
  stopSequences: 'stop_sequences',
}

/** What the request is, not how it is to be answered: never a default. */
const neverDefaulted = new Set(['model', 'messages', 'input', 'prompt', 'stream', 'stream_options'])

const outputLimits = new Set(['max_tokens', 'max_completion_tokens', 'max_output_tokens'])

/** Known names that an operation refuses as unknown: https://platform.openai.com/docs/api-reference */
const unknownTo: Readonly<Partial<Record<Operation, ReadonlySet<string>>>> = {
  completions: new Set([
    'response_format',
    'reasoning_effort',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'top_logprobs',
  ]),
  responses: new Set([
    'n',
    'stop',
    'seed',
    'logprobs',
    'logit_bias',
    'frequency_penalty',
    'presence_penalty',
    'response_format',
    'reasoning_effort',
  ]),
}

/**
 * Names of Anthropic's API that mean one thing in every API, or are its own: others have another form there, if any.
 * https://docs.claude.com/en/api/messages
 */
const namesOfMessages: Readonly<Record<string, string>> = {
  max_tokens: 'max_tokens',
  temperature: 'temperature',
  top_p: 'top_p',
  top_k: 'top_k',
  stop: 'stop_sequences',
  stop_sequences: 'stop_sequences',
  thinking: 'thinking',
  output_config: 'output_config',
}

/** `carries`: can the object's provider carry this default of this operation, by the operation's own name for it? */
export function compileParameters(
  parameters: Readonly<Record<string, unknown>> | undefined,
  modelType: ModelType,
  carries: Carries,
  findings: Findings,
): Defaults {
  const entries = Object.entries(parameters ?? {})
  if (entries.length === 0) return noDefaults
  const operations = operationsByType[modelType]
  if (operations.length === 0) {
    findings.notInEffect.push('spec.parameters')
    return noDefaults
  }
  const values = new Map<string, unknown>()
  // A name as the API spells it comes after its other spelling, and so wins over it.
  for (const [name, value] of entries.toSorted(
    ([a], [b]) => Number(Object.hasOwn(wireNames, b)) - Number(Object.hasOwn(wireNames, a)),
  )) {
    const wireName = toWireName(name)
    if (neverDefaulted.has(wireName)) findings.notInEffect.push(`spec.parameters.${name}`)
    else values.set(wireName, value)
  }
  for (const name of findUncarried(entries, operations, carries)) {
    findings.notInEffect.push(`spec.parameters.${name} (the provider can't carry it)`)
  }
  return Object.fromEntries(operations.map((operation) => [operation, compileOperation(operation, values, carries)]))
}

/** Written names of what reaches the provider in no operation. */
function findUncarried(
  entries: readonly (readonly [string, unknown])[],
  operations: readonly Operation[],
  carries: Carries,
): readonly string[] {
  return entries.flatMap(([written, value]) => {
    const wireName = toWireName(written)
    if (neverDefaulted.has(wireName)) return []
    const isCarried = operations.some((operation) => {
      const name = nameIn(operation, wireName)
      return name !== null && carries(operation, name, value)
    })
    return isCarried ? [] : [written]
  })
}

function toWireName(written: string): string {
  return Object.hasOwn(wireNames, written) ? (wireNames[written] ?? written) : written
}

function compileOperation(
  operation: Operation,
  values: ReadonlyMap<string, unknown>,
  carries: Carries,
): readonly ParameterDefault[] {
  const defaults = new Map<string, ParameterDefault>()
  for (const [written, value] of values) {
    const name = nameIn(operation, written)
    if (name === null || !carries(operation, name, value)) continue
    const unlessSet =
      outputLimits.has(name) && operation === 'chat/completions' ? ['max_tokens', 'max_completion_tokens'] : [name]
    // Two caps at once are refused by OpenAI: the first one stays.
    if (unlessSet.some((other) => defaults.has(other))) continue
    const isOneStop = name === 'stop_sequences' && typeof value === 'string'
    defaults.set(name, { name, json: JSON.stringify(isOneStop ? [value] : value), unlessSet })
  }
  // An API server sorts a free-form map, a file keeps its order: the table is the same for both.
  return [...defaults.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Null: the operation has no such thing. */
function nameIn(operation: Operation, written: string): string | null {
  if (unknownTo[operation]?.has(written) === true) return null
  const name = outputLimits.has(written) ? outputLimitOf(operation, written) : written
  if (operation !== 'messages') return name
  return Object.hasOwn(namesOfMessages, name) ? (namesOfMessages[name] ?? null) : null
}

/** The cap on what is generated has a name of its own in each operation. */
function outputLimitOf(operation: Operation, written: string): string {
  if (operation === 'responses') return 'max_output_tokens'
  if (operation === 'chat/completions') return written === 'max_output_tokens' ? 'max_tokens' : written
  return operation === 'completions' || operation === 'messages' ? 'max_tokens' : written
}
