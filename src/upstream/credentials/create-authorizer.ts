// Which authorizer a kind of credential gets.
import { assertNever } from '../../assert-never.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { parseEntraClient } from '../../providers/parse-entra-client.ts'
import { parseServiceAccount } from '../../providers/parse-service-account.ts'
import type { Target } from '../../routing/table.ts'
import type { ConnectorOptions } from '../connector.ts'
import type { Authorizer } from './authorizer.ts'
import type { ExpiringCredential } from './authorizers.ts'
import { createAwsAuthorizer } from './aws-authorizer.ts'
import { fetchEntraToken } from './fetch-entra-token.ts'
import { fetchGoogleToken } from './fetch-google-token.ts'
import { createTokenAuthorizer } from './token-authorizer.ts'
import { machineClock } from './token-clock.ts'
import { TokenSource } from './token-source.ts'
import { createProjectEdit } from './vertex-project.ts'

/** `dialling`: how tokens are fetched. Never throws: a bad secret is told by `authorize`. */
export function createAuthorizer(
  { kind }: ExpiringCredential,
  secret: string,
  target: Target,
  dialling: ConnectorOptions,
): Authorizer {
  const { hostname } = target.endpoint
  switch (kind) {
    case 'AWS':
      return createAwsAuthorizer(secret, hostname)
    case 'GCP': {
      const { account, problem } = parseServiceAccount(secret)
      if (problem !== null) return createRefusal(`GCP credentials: ${problem}`)
      const fetchToken = (signal: AbortSignal) => fetchGoogleToken(account, dialling, signal)
      const source = new TokenSource({ fetchToken, clock: machineClock })
      return createTokenAuthorizer(source, createProjectEdit(account.projectId, target.endpoint))
    }
    case 'Azure': {
      const { client, problem } = parseEntraClient(secret)
      if (problem !== null) return createRefusal(`Azure credentials: ${problem}`)
      const fetchToken = (signal: AbortSignal) => fetchEntraToken(client, dialling, signal)
      return createTokenAuthorizer(new TokenSource({ fetchToken, clock: machineClock }))
    }
    default:
      return assertNever(kind)
  }
}

/** Compiling lets no such secret through; whoever makes one all the same learns it from the log. */
function createRefusal(problem: string): Authorizer {
  return {
    authorize() {
      throw new GatewayError('upstream_error', problem)
    },
    close() {},
  }
}
