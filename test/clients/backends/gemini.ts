// Google's generateContent, of the Gemini API and of Vertex AI: what it answers, to the byte.
// https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
import { readCountRequest, readGenerateRequest } from './gemini-request.ts'
import { fail } from './read-strictly.ts'
import { joinText, type Said, type SaidError, type SaidPart, type SaidUsage } from './said.ts'
import type { BackendRequest, ScriptedFamily, Understood, Wire } from './scripted-family.ts'

export function createGemini(key: string): ScriptedFamily {
  return {
    checkCredential({ headers, url }) {
      if (headers.authorization !== undefined || url.includes('key=')) return 'a second credential'
      return headers['x-goog-api-key'] === key ? null : 'API key not valid. Please pass a valid API key.'
    },
    read: (request) =>
      read(
        request,
        /^\/v1beta\/models\/([^/:?]+):(generateContent|streamGenerateContent\?alt=sse|countTokens)$/,
        false,
      ),
    renderError,
  }
}

const vertexPath =
  /^\/v1\/projects\/sluice-test\/locations\/europe-west4\/publishers\/google\/models\/([^/:?]+):(generateContent|streamGenerateContent\?alt=sse|countTokens)$/

/** `readToken`: what the token endpoint gave out last; null: nothing yet. */
export function createVertex(readToken: () => string | null): ScriptedFamily {
  return {
    checkCredential({ headers }) {
      if (headers['x-goog-api-key'] !== undefined || headers['api-key'] !== undefined) return 'a second credential'
      const token = readToken()
      return token !== null && headers.authorization === `Bearer ${token}` ? null : 'invalid authentication credentials'
    },
    read: (request) => read(request, vertexPath, true),
    renderError,
  }
}

function read({ url, json }: BackendRequest, path: RegExp, isVertex: boolean): Understood {
  const [, model, operation] = path.exec(url) ?? []
  if (model === undefined || operation === undefined) return fail('', `Not Found: ${url}`)
  if (operation === 'countTokens') return { model, heard: readCountRequest(json, isVertex), wire: countWire }
  const heard = readGenerateRequest(json, isVertex)
  return {
    model: decodeURIComponent(model),
    heard: { ...heard, isStream: operation !== 'generateContent' },
    wire: geminiWire,
  }
}

const codes = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
} as const

const tooLong = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'

function renderError({ status, isTooLong = false, message: said }: SaidError) {
  const message = isTooLong ? tooLong : said
  return { status, body: { error: { code: status, message, status: codes[status] } } }
}

const countWire: Wire = {
  streamMediaType: 'application/json',
  renderAnswer: () => ({ totalTokens: 14, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 14 }] }),
  renderStream: () => fail('', 'countTokens does not stream'),
  renderStreamError: () => fail('', 'countTokens does not stream'),
}

export const geminiWire: Wire = {
  streamMediaType: 'text/event-stream',
  renderAnswer: (said, model) => renderResponse(said, model, said.parts.flatMap(renderParts), true),
  renderStream,
  renderStreamError: (error) => renderFrame(renderError(error).body),
}

/** Google ends its lines with CRLF. */
function renderFrame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\r\n\r\n`
}

const finishReasons = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  calls: 'STOP',
  'stop-sequence': 'STOP',
  filter: 'SAFETY',
  refusal: 'SAFETY',
} as const

function renderResponse(said: Said, model: string, parts: readonly object[], isLast: boolean) {
  const candidates = Array.from({ length: said.choices }, (_, index) => ({
    ...(parts.length > 0 ? { content: { parts, role: 'model' } } : {}),
    ...(isLast ? { finishReason: finishReasons[said.stop] } : {}),
    index,
    ...(isLast && said.hasLogprobs ? { avgLogprobs: -0.125, logprobsResult: renderLogprobs(joinText(said)) } : {}),
  }))
  return {
    candidates,
    usageMetadata: renderUsage(said.usage, isLast),
    modelVersion: model,
    responseId: 'mAIjafW7E5mXkdUP6Pq0qAk',
  }
}

function renderUsage({ input, cached, output, reasoning }: SaidUsage, isLast: boolean) {
  return {
    promptTokenCount: input,
    ...(isLast ? { candidatesTokenCount: output - reasoning } : {}),
    totalTokenCount: isLast ? input + output : input,
    ...(cached > 0 ? { cachedContentTokenCount: cached } : {}),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(reasoning > 0 ? { thoughtsTokenCount: reasoning } : {}),
  }
}

function renderLogprobs(token: string) {
  const chosen = { token, tokenId: 9454, logProbability: -0.125 }
  return {
    topCandidates: [{ candidates: [chosen, { token: 'No', tokenId: 2822, logProbability: -2.5 }] }],
    chosenCandidates: [chosen],
  }
}

/** A thought is not signed itself: what comes after it is. */
function renderParts(part: SaidPart, at: number, parts: readonly SaidPart[]): readonly object[] {
  const before = parts[at - 1]
  const signature = before?.kind === 'reasoning' ? before.signature : part.kind === 'call' ? part.signature : null
  const signed = signature === null ? {} : { thoughtSignature: signature }
  switch (part.kind) {
    case 'text':
      return [{ text: part.pieces.join(''), ...signed }]
    case 'reasoning':
      return [{ text: part.pieces.join(''), thought: true }]
    case 'call':
      return [{ functionCall: { name: part.name, args: JSON.parse(part.json.join('') || '{}') }, ...signed }]
    case 'redacted':
    case 'refusal':
      return []
  }
}

/** Pieces of text and thought are events of their own; a call is whole. */
function renderStream(said: Said, model: string): readonly string[] {
  const pieces = said.parts.flatMap((part, at): readonly object[] => {
    const [whole] = renderParts(part, at, said.parts)
    if (whole === undefined) return []
    if (part.kind === 'reasoning') return part.pieces.map((piece) => ({ text: piece, thought: true }))
    if (part.kind !== 'text') return [whole]
    const before = said.parts[at - 1]
    const signature = before?.kind === 'reasoning' ? before.signature : null
    const texts = part.pieces.map((piece) => ({ text: piece }))
    // In a stream the signature comes with an empty text at the end.
    return signature === null ? texts : [...texts, { text: '', thoughtSignature: signature }]
  })
  const frames = pieces.map((piece, at) => renderFrame(renderResponse(said, model, [piece], at === pieces.length - 1)))
  return frames.length > 0 ? frames : [renderFrame(renderResponse(said, model, [], true))]
}
