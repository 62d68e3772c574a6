// What a tool answered, as Gemini's function response: an object, under the name of the call it answers.
// https://ai.google.dev/api/caching#FunctionResponse
import type { ToolCallPart, ToolResultPart, UserPart } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import type { MediaData } from './encode-media.ts'
import type { GoogleApi } from './google-api.ts'

export type FunctionResponsePart = Readonly<{
  functionResponse: Readonly<{
    id?: string
    name: string
    /** Google's own keys for what a function said, and for what went wrong. */
    response: Readonly<{ output: string }> | Readonly<{ error: string }>
    parts?: readonly MediaData[]
  }>
}>

/** `canShowMedia`: images and documents may be among results (Gemini 3 and later). Throws UnsupportedFeature. */
export function encodeToolResult(part: ToolResultPart, canShowMedia: boolean, api: GoogleApi): FunctionResponsePart {
  const { callId, toolName, isError } = part
  if (toolName === null) {
    throw new UnsupportedFeature('tools', `The tool result of ${JSON.stringify(callId)} follows no such call.`)
  }
  const texts: string[] = []
  const media: MediaData[] = []
  for (const inner of part.parts) {
    if (inner.kind === 'text') texts.push(inner.text)
    else if (!canShowMedia || inner.source.kind !== 'base64') {
      throw new UnsupportedFeature('toolResultMedia', 'This model takes only texts as what a tool answered.')
    } else media.push({ inlineData: { mimeType: inner.source.mediaType, data: inner.source.data } })
  }
  const text = texts.join('\n')
  return {
    functionResponse: {
      ...(api.hasCallIds ? { id: callId } : {}),
      name: toolName,
      response: isError ? { error: text } : { output: text },
      ...(media.length > 0 ? { parts: media } : {}),
    },
  }
}

/** The same parts, the results among them in the order of the calls they answer. */
export function sortToolResults(parts: readonly UserPart[], calls: readonly ToolCallPart[]): readonly UserPart[] {
  const order = new Map(calls.map(({ id }, at) => [id, at]))
  const place = (part: UserPart) =>
    part.kind === 'tool-result' ? (order.get(part.callId) ?? calls.length) : calls.length + 1
  return [...parts].sort((one, two) => place(one) - place(two))
}
