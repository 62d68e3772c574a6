// Owns the normal form of a path in a manifest: the very form a request's path is brought to before it is matched.

import { SpecError } from '../api/findings.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { parseRequestTarget } from '../wire/request-target.ts'

/** Starts with `/`, no trailing slash but for `/` itself. Throws SpecError for what no request could ever match. */
export function parseRoutePath(text: string): string {
  if (!text.startsWith('/')) throw new SpecError(`${JSON.stringify(text)} does not start with /`)
  if (/[?#]/.test(text)) throw new SpecError(`${JSON.stringify(text)} has a query or a fragment`)
  const { path } = parseTarget(text)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** `/v1/<modelName>`, percent-encoded as clients do, or null where no request could match it. */
export function parseImpliedPath(modelName: string): string | null {
  if (modelName.endsWith('/')) return null
  const encoded = modelName.replace(/[?#%\\]/g, (found) => encodeURIComponent(found))
  try {
    return parseRoutePath(`/v1/${encoded}`)
  } catch (error) {
    if (error instanceof SpecError) return null
    throw error
  }
}

function parseTarget(text: string): { path: string } {
  // People write `/modèle`, clients send `/mod%C3%A8le`.
  const encoded = text.replace(/[^\x21-\x7e]+/gu, (found) => encodeURIComponent(found.toWellFormed()))
  try {
    return parseRequestTarget(encoded)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    throw new SpecError(`${JSON.stringify(text)} is not a path a request can have (${error.message})`)
  }
}
