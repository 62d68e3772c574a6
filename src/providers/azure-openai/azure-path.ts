// Where Azure has OpenAI's operations. An endpoint that ends in `/openai/v1` is its v1 API, with the model in the body;
// below any other one the deployment is in the path, and the API's version in the query.
// https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, …/openai/reference
import type { Operation } from '../operation.ts'
import type { Call } from '../provider.ts'

/** The last version that is generally available: what follows it is the v1 API. */
export const defaultApiVersion = '2024-10-21'

/** The first version that has it. */
const responsesSince = '2025-03-01'

const absent: ReadonlySet<Operation> = new Set(['messages', 'messages/count_tokens', 'moderations', 'rerank'])

/** After the endpoint's base path; null: Azure has no such operation there. */
export function azurePath(operation: Operation, { model, basePath, apiVersion }: Call): string | null {
  if (absent.has(operation)) return null
  if (basePath.endsWith('/openai/v1')) return `/${operation}${renderVersion(apiVersion ?? null)}`
  const version = apiVersion ?? defaultApiVersion
  const base = basePath.endsWith('/openai') ? '' : '/openai'
  if (operation !== 'responses') {
    return `${base}/deployments/${encodeURIComponent(model)}/${operation}${renderVersion(version)}`
  }
  // It names the deployment in the body, and is not in every version.
  return /^\d/.test(version) && version < responsesSince ? null : `${base}/responses${renderVersion(version)}`
}

function renderVersion(version: string | null): string {
  return version === null ? '' : `?api-version=${encodeURIComponent(version)}`
}
