// Which authorizer a kind of credential gets.
import { GatewayError } from '../../errors/gateway-error.ts'
import type { Target } from '../../routing/table.ts'
import type { ConnectorOptions } from '../connector.ts'
import type { Authorizer } from './authorizer.ts'
import type { ExpiringCredential } from './authorizers.ts'
import { createAwsAuthorizer } from './aws-authorizer.ts'

/** `dialling`: how tokens are fetched. Never throws: a bad secret is told by `authorize`. */
export function createAuthorizer(
  credential: ExpiringCredential,
  secret: string,
  target: Target,
  _dialling: ConnectorOptions,
): Authorizer {
  if (credential.kind === 'AWS') return createAwsAuthorizer(secret, target.endpoint.hostname)
  return {
    authorize() {
      throw new GatewayError('upstream_error', `credentials of type ${credential.kind} are not spoken`)
    },
    close() {},
  }
}
