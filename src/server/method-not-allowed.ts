// A 405 that knows which methods there are (RFC 9110 section 15.5.6 wants them in `allow`).
import { GatewayError } from '../errors/gateway-error.ts'

export class MethodNotAllowed extends GatewayError {
  readonly allow: string

  constructor(allow: string) {
    super('method_not_allowed', undefined, { publicText: `Only ${allow} is allowed here.` })
    this.allow = allow
  }
}
