// One request to a token endpoint, by OAuth's rules (RFC 6749, RFC 7523), dialled as any upstream is. What goes wrong is
// told without a byte of the credential, and of the answer only OAuth's own error code.
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type ClientAuth,
  customFetch,
  genericTokenEndpointRequest,
  processGenericTokenEndpointResponse,
  ResponseBodyError,
} from 'oauth4webapi'
import type { ConnectorOptions } from '../connector.ts'
import { OnceError, requestOnce } from '../request-once.ts'
import type { FetchedToken } from './token-source.ts'

export type TokenGrant = Readonly<{
  tokenUrl: string
  clientId: string
  clientAuth: ClientAuth
  grantType: string
  parameters: Readonly<Record<string, string>>
}>

/** Why there is no token: text for the log. */
class TokenFetchError extends Error {}

const limits = { timeoutMs: 5_000, maxBytes: 64 * 1024 }
/** Where the answer says nothing (RFC 6749 section 5.1 lets it). */
const unsaidLifetimeSeconds = 300
const longestLifetimeSeconds = 86_400

/** Rejects with an error whose message may be logged. */
export async function fetchToken(
  grant: TokenGrant,
  dialling: ConnectorOptions,
  signal: AbortSignal,
): Promise<FetchedToken> {
  const { tokenUrl, clientId, clientAuth, grantType, parameters } = grant
  const server: AuthorizationServer = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl }
  const client = { client_id: clientId }
  try {
    const response = await genericTokenEndpointRequest(
      server,
      client,
      clientAuth,
      grantType,
      { ...parameters },
      {
        // Which addresses may be plain is decided where the credential is checked.
        [allowInsecureRequests]: true,
        [customFetch]: (url, { headers, body }) => dial(url, headers, body, dialling, signal),
      },
    )
    const answer = await processGenericTokenEndpointResponse(server, client, response)
    return checkToken(answer.access_token, answer.expires_in ?? unsaidLifetimeSeconds)
  } catch (error) {
    throw new TokenFetchError(describe(error))
  }
}

async function dial(
  url: string,
  headers: Record<string, string>,
  body: URLSearchParams | undefined | null,
  dialling: ConnectorOptions,
  signal: AbortSignal,
): Promise<Response> {
  const request = { url: new URL(url), method: 'POST', headers, body: String(body ?? '') } as const
  const { status, mediaType, text } = await requestOnce(request, dialling, limits, signal)
  return new Response(text, { status, headers: { 'content-type': mediaType } })
}

function checkToken(value: string, lifetimeSeconds: number): FetchedToken {
  // It becomes a header: nothing in it may end one (RFC 9110 section 5.5).
  if (!/^[\x21-\x7e]{1,16384}$/.test(value)) throw new TokenFetchError('the token is none that a header could carry')
  if (lifetimeSeconds < 1) throw new TokenFetchError('the token has expired already')
  return { value, lifetimeMs: Math.min(lifetimeSeconds, longestLifetimeSeconds) * 1000 }
}

function describe(error: unknown): string {
  if (error instanceof TokenFetchError || error instanceof OnceError) return error.message
  if (error instanceof ResponseBodyError) {
    const code = /^[a-z_]{1,64}$/.test(error.error) ? error.error : 'an error without a name'
    return `the issuer answered ${error.status} ${code}`
  }
  const status: unknown = error instanceof Error && error.cause instanceof Response ? error.cause.status : null
  return typeof status === 'number' && status >= 300 ? `the issuer answered ${status}` : 'the issuer answered no token'
}
