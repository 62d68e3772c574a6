// Whose models a service account asks for, where its endpoint names no project: those of its own.
// https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
import type { Endpoint } from '../../routing/table.ts'
import type { UpstreamRequest } from '../upstream-request.ts'

/**
 * `/v1/publishers/google/…` → `/v1/projects/<its project>/locations/<location>/publishers/google/…`; the location is the
 * one in the endpoint's name (`europe-west4-aiplatform.googleapis.com`), else `global`. Other paths stay.
 */
export function createProjectEdit(
  projectId: string | null,
  { hostname, basePath }: Pick<Endpoint, 'hostname' | 'basePath'>,
): (request: UpstreamRequest) => UpstreamRequest {
  if (projectId === null || basePath.includes('/projects/')) return (request) => request
  const [, location = 'global'] = /^([a-z0-9-]+)-aiplatform\./.exec(hostname) ?? []
  const parent = `${basePath}/projects/${encodeURIComponent(projectId)}/locations/${location}`
  return (request) => {
    const rest = request.path.slice(basePath.length)
    const isModels = rest.startsWith('/publishers/') || rest.startsWith('/endpoints/')
    return isModels ? { ...request, path: parent + rest } : request
  }
}
