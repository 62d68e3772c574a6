// Where a model's methods are, in both of Google's APIs.
import { GatewayError } from '../../errors/gateway-error.ts'

/** `gemini-2.5-flash`, `models/…`, `tunedModels/…`. https://ai.google.dev/api/generate-content */
export function buildGeminiPath(model: string, method: string): string {
  const name = model.includes('/') ? model : `models/${model}`
  return `/${encodePath(name)}:${method}`
}

/**
 * `gemini-2.5-flash`, `publishers/google/models/…`, and `endpoints/…` of a tuned model, below the endpoint's project and
 * location. https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
 * Throws `route_misconfigured` for other publishers' models: they have formats of their own.
 */
export function buildVertexPath(model: string, method: string): string {
  const problem = findVertexModelProblem(model)
  if (problem !== null) throw new GatewayError('route_misconfigured', problem)
  const name = model.includes('/') ? model : `publishers/google/models/${model}`
  return `/${encodePath(name)}:${method}`
}

/** Why Vertex AI's generateContent has no such model; null: nothing says that it hasn't. */
export function findVertexModelProblem(model: string): string | null {
  if (!model.includes('/') || /^(publishers\/google\/models|endpoints)\/[^/]+$/.test(model)) return null
  const [, publisher] = /^publishers\/([^/]+)\//.exec(model) ?? []
  if (publisher !== undefined && publisher !== 'google') {
    return `models of publishers/${publisher} have a format of their own, which GoogleVertexAI does not speak`
  }
  return 'a model of GoogleVertexAI is a plain name, publishers/google/models/<name> or endpoints/<id>'
}

function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
