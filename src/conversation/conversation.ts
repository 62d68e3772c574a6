// What a client asks of a text model, in words that belong to no vendor: what every dialect parses into and every
// provider encodes from. It loses nothing in silence: what has no word here is named in `unknown`, and refused.
import type { Feature } from './feature.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export type Conversation = Readonly<{
  /** The name that is sent upstream. */
  model: string
  /** What stands before the first turn. System texts that come later are turns of their own. */
  system: readonly TextPart[]
  turns: readonly Turn[]
  tools: readonly Tool[]
  toolChoice: ToolChoice | null
  /** May it call several tools in one answer; null: not said. */
  parallelToolCalls: boolean | null
  responseFormat: ResponseFormat | null
  reasoning: Reasoning | null
  maxOutputTokens: number | null
  temperature: number | null
  topP: number | null
  topK: number | null
  frequencyPenalty: number | null
  presencePenalty: number | null
  seed: number | null
  stop: readonly string[]
  /** How many answers, 1 or more. */
  choices: number
  /** By token id. */
  logitBias: Readonly<Record<string, number>> | null
  /** Null: no log probabilities; 0: of the chosen tokens only. */
  topLogprobs: number | null
  verbosity: 'low' | 'medium' | 'high' | null
  /** An opaque id of the person behind the client. */
  endUser: string | null
  metadata: Readonly<Record<string, string>> | null
  /** OpenAI's words: `auto`, `default`, `flex`, `priority`. */
  serviceTier: string | null
  /** Groups requests that share a beginning, for the provider's cache. */
  promptCacheKey: string | null
  isStream: boolean
  /** Earlier turns held reasoning under a seal of other servers: it is not in `turns`. */
  hasSealedReasoning?: boolean
  /** Features the client asked for by fields that have no place above, each with the field's own path (`prediction`). */
  unknown: readonly UnknownField[]
}>

/** `value`: as the client sent it, for backends of the client's own format. */
export type UnknownField = Readonly<{ name: string; value: unknown }>

/** The provider may cache everything up to here. Null: not marked. */
export type CacheMarker = Readonly<{ ttl: '5m' | '1h' }> | null

export type Turn =
  | Readonly<{ role: 'system'; parts: readonly TextPart[] }>
  | Readonly<{ role: 'user'; parts: readonly UserPart[]; name: string | null }>
  | Readonly<{ role: 'assistant'; parts: readonly AssistantPart[]; name: string | null }>

export type TextPart = Readonly<{ kind: 'text'; text: string; cache: CacheMarker }>

/** `data`: base64, without line breaks. `url`: http(s); Sluice never fetches it. `file`: an id at the provider. */
export type Media =
  | Readonly<{ kind: 'base64'; mediaType: string; data: string }>
  | Readonly<{ kind: 'url'; url: string }>
  | Readonly<{ kind: 'file'; id: string }>

export type ImagePart = Readonly<{
  kind: 'image'
  source: Media
  detail: 'auto' | 'low' | 'high' | null
  cache: CacheMarker
}>

/** A document: PDF, or text. `name`: the file's. */
export type FilePart = Readonly<{ kind: 'file'; source: Media; name: string | null; cache: CacheMarker }>

/** `format`: `wav`, `mp3`. */
export type AudioPart = Readonly<{ kind: 'audio'; format: string; data: string; cache: CacheMarker }>

/** Tool results stand in user turns, before anything else of the same turn. */
export type ToolResultPart = Readonly<{
  kind: 'tool-result'
  /** The `id` of the call it answers. */
  callId: string
  /** Of the call it answers, looked up in the turns before; null: there is no such call. */
  toolName: string | null
  parts: readonly (TextPart | ImagePart | FilePart)[]
  isError: boolean
  cache: CacheMarker
}>

export type UserPart = TextPart | ImagePart | FilePart | AudioPart | ToolResultPart

/** `signature`: the provider's proof that it is its own, given back as it came; null where there was none. */
export type ReasoningPart = Readonly<{ kind: 'reasoning'; text: string; signature: string | null }>
/** Reasoning the provider shows to nobody; given back as it came. */
export type RedactedReasoningPart = Readonly<{ kind: 'redacted-reasoning'; data: string }>
export type RefusalPart = Readonly<{ kind: 'refusal'; text: string }>

export type ToolCallPart = Readonly<{
  kind: 'tool-call'
  id: string
  name: string
  /** JSON text of an object, `{}` for none. */
  arguments: string
  /** Gemini's thought signature of this call; null elsewhere. */
  signature: string | null
  cache: CacheMarker
}>

export type AssistantPart = TextPart | RefusalPart | ReasoningPart | RedactedReasoningPart | ToolCallPart

export type Tool = Readonly<{
  name: string
  description: string | null
  /** JSON Schema of the arguments. */
  parameters: JsonObject
  /** Must the arguments obey the schema; null: not said. */
  isStrict: boolean | null
  cache: CacheMarker
}>

export type ToolChoice = Readonly<{ kind: 'auto' | 'none' | 'required' }> | Readonly<{ kind: 'tool'; name: string }>

export type ResponseFormat =
  | Readonly<{ kind: 'json-object' }>
  | Readonly<{
      kind: 'json-schema'
      name: string
      description: string | null
      schema: JsonObject
      isStrict: boolean | null
    }>

/**
 * How much it is to think before it answers: as a level, as tokens, or both as the client said it; neither: it is to
 * think, as much as it likes.
 */
export type Reasoning = Readonly<{
  effort: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null
  budgetTokens: number | null
  /** The client wants to read it (or a summary); null: not said. */
  isShown: boolean | null
}>

/** What a dialect makes of a request's body. */
export type ParsedRequest = Readonly<{
  conversation: Conversation
  /** The client asked for the usage at a stream's end; always true where its dialect always says it. */
  wantsUsage: boolean
  /** The client's name of a feature, for errors: `logit_bias`, `messages[2].content[0].image_url`. */
  paramOf: (feature: Feature) => string
  /** The body as parsed, for dialects whose answers repeat what was asked. */
  body?: JsonObject
}>
