// A conversation as a request of generateContent. https://ai.google.dev/api/generate-content
import type { Conversation, TextPart } from '../../conversation/conversation.ts'
import type { EncodedCall } from '../codec.ts'
import type { Call } from '../provider.ts'
import { type Content, encodeContents } from './encode-contents.ts'
import { encodeGenerationConfig, type GenerationConfig } from './encode-generation-config.ts'
import { encodeTools, type ToolFields } from './encode-tools.ts'
import type { GoogleApi } from './google-api.ts'

export type GenerateContentBody = Readonly<{
  systemInstruction?: Readonly<{ parts: readonly Readonly<{ text: string }>[] }>
  contents: readonly Content[]
  generationConfig?: GenerationConfig
}> &
  ToolFields

/** Throws UnsupportedFeature; `route_misconfigured` for a model that this API can't have. */
export function encodeConversation(conversation: Conversation, call: Call, api: GoogleApi): EncodedCall {
  // A stream is a method of its own; without `alt=sse` it is one JSON array that grows.
  const method = call.isStream ? 'streamGenerateContent' : 'generateContent'
  const path = api.buildPath(call.model, method, call.basePath)
  const body = JSON.stringify(encodeBody(conversation, api))
  return { path: call.isStream ? `${path}?alt=sse` : path, headers: [], body }
}

/** Throws UnsupportedFeature. */
export function encodeBody(conversation: Conversation, api: GoogleApi): GenerateContentBody {
  const generationConfig = encodeGenerationConfig(conversation)
  const system = readSystem(conversation).filter(({ text }) => text !== '')
  return {
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system.map(({ text }) => ({ text })) } }),
    contents: encodeContents(conversation, api),
    ...encodeTools(conversation),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
  }
}

/** One system instruction there is: later texts join it, in order. */
function readSystem({ system, turns }: Conversation): readonly TextPart[] {
  return [...system, ...turns.flatMap((turn) => (turn.role === 'system' ? turn.parts : []))]
}
