// The two ways to Google's models: one request and answer format, two addresses, and what differs besides.
import type { Feature } from '../../conversation/feature.ts'
import { buildGeminiPath, buildVertexPath } from './model-path.ts'

export type GoogleApi = Readonly<{
  /** The path of a model's method (`generateContent`), after the endpoint's base path. Throws `route_misconfigured`. */
  buildPath(model: string, method: string, basePath: string): string
  /**
   * Calls and their results may name an id. Vertex AI refuses the field ("Unknown name \"id\""), there results are told
   * apart by their order.
   */
  hasCallIds: boolean
  /** Every `fileData` has to say its media type. */
  needsMediaType: boolean
  /** The `fileUri` of what the client calls by an id; null: it is no id of this API. */
  resolveFileId(id: string): string | null
  /** What is to be counted, as `countTokens` wants it. `path`: of the request. */
  wrapCounted(body: object, path: string): object
  features: ReadonlySet<Feature>
}>

/** https://ai.google.dev/api/generate-content */
const shared: readonly Feature[] = [
  'temperature',
  'topP',
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'stop',
  'choices',
  'logprobs',
  // Mode VALIDATED, and ANY: https://ai.google.dev/gemini-api/docs/function-calling#function_calling_modes
  'strictTools',
  'toolChoice',
  'jsonObject',
  'jsonSchema',
  'reasoning',
  'reasoningHistory',
  'tools',
  'images',
  'imageUrls',
  'files',
  'fileUrls',
  'fileIds',
  'audio',
  'toolResultMedia',
]

/** https://ai.google.dev/api */
export const geminiApi: GoogleApi = Object.freeze({
  buildPath: buildGeminiPath,
  hasCallIds: true,
  needsMediaType: false,
  // https://ai.google.dev/api/files: `name` of a File, or its `uri`
  resolveFileId: (id: string) => {
    if (/^files\/[a-z0-9-]+$/.test(id)) return `https://generativelanguage.googleapis.com/v1beta/${id}`
    return id.startsWith('https://') ? id : null
  },
  // Only in a request that names its model once more are the instruction and the tools counted, too.
  wrapCounted: (body: object, path: string) => ({
    generateContentRequest: { model: path.slice(1, path.lastIndexOf(':')), ...body },
  }),
  features: new Set(shared),
})

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
export const vertexApi: GoogleApi = Object.freeze({
  buildPath: buildVertexPath,
  hasCallIds: false,
  needsMediaType: true,
  resolveFileId: (id: string) => (id.startsWith('gs://') ? id : null),
  wrapCounted: (body: object) => body,
  features: new Set(shared),
})
