// A conversation as a request of generateContent. https://ai.google.dev/api/generate-content
import type { Conversation, TextPart } from '../../conversation/conversation.ts'
import type { EncodedCall } from '../codec.ts'
import type { Call } from '../provider.ts'
import { encodeContents } from './encode-contents.ts'
import { encodeGenerationConfig } from './encode-generation-config.ts'
import { encodeTools } from './encode-tools.ts'
import type { GoogleApi } from './google-api.ts'

/** Throws UnsupportedFeature; `route_misconfigured` for a model that this API can't have. */
export function encodeConversation(conversation: Conversation, call: Call, api: GoogleApi): EncodedCall {
  const generationConfig = encodeGenerationConfig(conversation)
  const system = readSystem(conversation).filter(({ text }) => text !== '')
  const body = {
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system.map(({ text }) => ({ text })) } }),
    contents: encodeContents(conversation, api),
    ...encodeTools(conversation),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
  }
  // A stream is a method of its own; without `alt=sse` it is one JSON array that grows.
  const method = call.isStream ? 'streamGenerateContent' : 'generateContent'
  const path = api.buildPath(call.model, method, call.basePath)
  return { path: call.isStream ? `${path}?alt=sse` : path, headers: [], body: JSON.stringify(body) }
}

/** One system instruction there is: later texts join it, in order. */
function readSystem({ system, turns }: Conversation): readonly TextPart[] {
  return [...system, ...turns.flatMap((turn) => (turn.role === 'system' ? turn.parts : []))]
}
