// A token for a service account of Google Cloud: an assertion it signs itself, exchanged.
// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
import { SignJWT } from 'jose'
import type { ServiceAccount } from '../../providers/parse-service-account.ts'
import type { ConnectorOptions } from '../connector.ts'
import { fetchToken } from './fetch-token.ts'
import type { FetchedToken } from './token-source.ts'

const scope = 'https://www.googleapis.com/auth/cloud-platform'

/** Rejects with an error whose message may be logged. */
export async function fetchGoogleToken(
  account: ServiceAccount,
  dialling: ConnectorOptions,
  signal: AbortSignal,
): Promise<FetchedToken> {
  const { clientEmail, privateKey, privateKeyId, tokenUri } = account
  const assertion = await new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(privateKeyId === null ? {} : { kid: privateKeyId }) })
    .setIssuer(clientEmail)
    .setAudience(tokenUri)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
  const grant = {
    tokenUrl: tokenUri,
    clientId: clientEmail,
    // The assertion is all that proves who is asking.
    clientAuth: () => {},
    grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    parameters: { assertion },
  }
  return fetchToken(grant, dialling, signal)
}
