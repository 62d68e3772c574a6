// A token for an application of Microsoft Entra ID, by its client secret.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#first-case-access-token-request-with-a-shared-secret
import { ClientSecretPost } from 'oauth4webapi'
import type { EntraClient } from '../../providers/parse-entra-client.ts'
import type { ConnectorOptions } from '../connector.ts'
import { fetchToken } from './fetch-token.ts'
import type { FetchedToken } from './token-source.ts'

/** Rejects with an error whose message may be logged. */
export function fetchEntraToken(
  { clientId, clientSecret, tokenUrl, scope }: EntraClient,
  dialling: ConnectorOptions,
  signal: AbortSignal,
): Promise<FetchedToken> {
  const clientAuth = ClientSecretPost(clientSecret)
  const grant = { tokenUrl, clientId, clientAuth, grantType: 'client_credentials', parameters: { scope } }
  return fetchToken(grant, dialling, signal)
}
