// Whose models a service account asks for, where its endpoint names no project: those of its own.
// https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
import type { UpstreamRequest } from '../upstream-request.ts'

/**
 * `/v1/publishers/google/…` → `/v1/projects/<its project>/locations/<location>/publishers/google/…`; the location is the
 * one in the endpoint's name (`europe-west4-aiplatform.googleapis.com`), else `global`. Other paths stay.
 */
export function createProjectEdit(
  projectId: string | null,
  hostname: string,
): (request: UpstreamRequest) => UpstreamRequest {
  if (projectId === null) return (request) => request
  const [, location = 'global'] = /^([a-z0-9-]+)-aiplatform\./.exec(hostname) ?? []
  const parent = `projects/${encodeURIComponent(projectId)}/locations/${location}`
  return (request) => ({
    ...request,
    path: request.path.replace(/^((?:\/[^/]+)*?\/v1(?:beta1)?)\/(?=publishers\/|endpoints\/)/, `$1/${parent}/`),
  })
}
