// Turns as Gemini's contents: roles user and model, one after the other.
// https://ai.google.dev/api/caching#Content
import type { AssistantPart, Conversation, ToolCallPart, Turn, UserPart } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readGeminiSignature } from '../../conversation/gemini-text-signature.ts'
import { isRecord } from '../../is-record.ts'
import { parseJsonText } from '../read-json.ts'
import { encodeAudio, encodeMedia } from './encode-media.ts'
import { encodeToolResult, type FunctionResponsePart, sortToolResults } from './encode-tool-result.ts'
import type { GoogleApi } from './google-api.ts'
import { isThinkingByLevel } from './thinking.ts'

export type ContentPart =
  | Readonly<{ text: string; thought?: true; thoughtSignature?: string }>
  | Readonly<{ functionCall: Readonly<{ id?: string; name: string; args: unknown }>; thoughtSignature?: string }>
  | FunctionResponsePart
  | ReturnType<typeof encodeMedia>

export type Content = Readonly<{ role: 'user' | 'model'; parts: readonly ContentPart[] }>

/**
 * What Google has a client say in place of a signature it can't have: of calls that another model made, or whose
 * signature the client has lost. Models that think by level refuse calls without.
 * https://ai.google.dev/gemini-api/docs/thought-signatures#faqs
 */
const missingSignature = 'skip_thought_signature_validator'

/** System turns are not among them. Turns of one role are merged. Throws UnsupportedFeature. */
export function encodeContents({ turns, model }: Conversation, api: GoogleApi): readonly Content[] {
  const contents: { role: Content['role']; parts: ContentPart[] }[] = []
  let calls: readonly ToolCallPart[] = []
  for (const turn of turns) {
    if (turn.role === 'system') continue
    const role = turn.role === 'user' ? 'user' : 'model'
    const parts = turn.role === 'user' ? encodeUserTurn(turn, calls, model, api) : encodeAssistantTurn(turn, model, api)
    if (turn.role === 'assistant') calls = turn.parts.filter((part) => part.kind === 'tool-call')
    if (parts.length === 0) continue
    const last = contents.at(-1)
    if (last?.role === role) last.parts.push(...parts)
    else contents.push({ role, parts: [...parts] })
  }
  return contents
}

type UserTurn = Extract<Turn, { readonly role: 'user' }>
type AssistantTurn = Extract<Turn, { readonly role: 'assistant' }>

/** Results stand in the order of the calls: without ids only that tells two calls of one function apart. */
function encodeUserTurn(
  turn: UserTurn,
  calls: readonly ToolCallPart[],
  model: string,
  api: GoogleApi,
): readonly ContentPart[] {
  return sortToolResults(turn.parts, calls).flatMap((part) => encodeUserPart(part, model, api))
}

function encodeUserPart(part: UserPart, model: string, api: GoogleApi): readonly ContentPart[] {
  switch (part.kind) {
    case 'text':
      // Google refuses empty ones.
      return part.text === '' ? [] : [{ text: part.text }]
    case 'image':
    case 'file':
      return [encodeMedia(part, api)]
    case 'audio':
      return [encodeAudio(part)]
    case 'tool-result':
      return [encodeToolResult(part, isThinkingByLevel(model), api)]
  }
}

function encodeAssistantTurn({ parts }: AssistantTurn, model: string, api: GoogleApi): readonly ContentPart[] {
  const encoded: ContentPart[] = []
  const calls = parts.filter((part) => part.kind === 'tool-call')
  // Of parallel calls only the first is signed.
  const isUnsigned = isThinkingByLevel(model) && calls.every(({ signature }) => signature === null)
  const isTextLeft = (at: number) => parts.slice(at).some((part) => part.kind === 'text' && part.text !== '')
  let hasText = false
  /** A signature that came back in front of the text it is of: clients keep them apart. */
  let textSignature: string | null = null
  for (const [at, part] of parts.entries()) {
    if (part.kind === 'tool-call') {
      const signature = part.signature ?? (isUnsigned && part === calls[0] ? missingSignature : null)
      encoded.push(encodeCall(part, signature, api))
      continue
    }
    const { text, signature } = readText(part)
    if (part.kind === 'reasoning') {
      if (text !== '') encoded.push({ text, thought: true, ...sign(signature) })
      else if (signature !== null && !hasText && isTextLeft(at)) textSignature = signature
      else if (signature !== null) encoded.push({ text: '', ...sign(signature) })
    } else if (text !== '') {
      encoded.push({ text, ...sign(textSignature) })
      textSignature = null
      hasText = true
    }
  }
  return encoded
}

/** Throws UnsupportedFeature `reasoningHistory` for what another provider signed or hid: Gemini would refuse it. */
function readText(part: Exclude<AssistantPart, ToolCallPart>): Readonly<{ text: string; signature: string | null }> {
  if (part.kind === 'text' || part.kind === 'refusal') return { text: part.text, signature: null }
  const signature = part.kind === 'reasoning' && part.signature !== null ? readGeminiSignature(part.signature) : null
  if (part.kind === 'redacted-reasoning' || (part.signature !== null && signature === null)) {
    throw new UnsupportedFeature('reasoningHistory', 'Reasoning of another provider means nothing to this model.')
  }
  return { text: part.text, signature }
}

function sign(signature: string | null): Readonly<{ thoughtSignature?: string }> {
  return signature === null ? {} : { thoughtSignature: signature }
}

function encodeCall(part: ToolCallPart, signature: string | null, api: GoogleApi): ContentPart {
  const args = parseJsonText(part.arguments === '' ? '{}' : part.arguments)
  if (!isRecord(args)) {
    throw new UnsupportedFeature('tools', `The arguments of the call ${JSON.stringify(part.id)} are no object.`)
  }
  const functionCall = { ...(api.hasCallIds ? { id: part.id } : {}), name: part.name, args }
  return { functionCall, ...sign(signature) }
}
