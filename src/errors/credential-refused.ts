// A model server refused the gateway's own credential. Its words stay here: they may quote it. To the client it is a 502
// (docs/decisions/2026-11-22-upstream-401-is-502.md); another target, with a credential of its own, may well answer.
import { GatewayError } from './gateway-error.ts'

export class CredentialRefused extends GatewayError {
  /** `status`: the backend's; `where` it said so, if not in its head. */
  constructor(status: number, where = '') {
    super('upstream_error', `the target refused our credential${where}: ${status}`)
  }
}
