// One fetch of an issuer's keys.
import type { ConnectorOptions } from './connector.ts'
import { OnceError, type OnceLimits, requestOnce } from './request-once.ts'

export type JwksFetchLimits = OnceLimits

/** The text of the answer. Rejects with OnceError; at once when `signal` is aborted. */
export async function fetchJwks(
  uri: string,
  dialling: ConnectorOptions,
  limits: JwksFetchLimits,
  signal: AbortSignal,
): Promise<string> {
  const headers = { accept: 'application/jwk-set+json, application/json' }
  const request = { url: new URL(uri), method: 'GET', headers, body: null } as const
  const { status, text } = await requestOnce(request, dialling, limits, signal)
  if (status !== 200) throw new OnceError(`status ${status}`)
  return text
}
