// An error that a backend says in its own words before anything of its answer has gone to the client: in a stream that
// answered 200 and began with it. Answered with the status it stands for, in the caller's envelope.
import type { BackendError } from '../conversation/answer-event.ts'
import { CredentialRefused } from '../errors/credential-refused.ts'
import { GatewayError } from '../errors/gateway-error.ts'

export class BackendRefusal extends GatewayError {
  readonly refusal: BackendError

  constructor(refusal: BackendError, retryAfterSeconds?: number) {
    super('upstream_error', `the stream began with an error: ${refusal.status}`, {
      publicText: refusal.message,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    })
    this.refusal = refusal
  }

  override withRetryAfter(retryAfterSeconds: number): BackendRefusal {
    return new BackendRefusal(this.refusal, retryAfterSeconds)
  }
}

/** As it may be thrown: what it says of our own credential stays here, and what is no error's status is a 502. */
export function refuseStream(refusal: BackendError): GatewayError {
  const { status } = refusal
  if (status === 401 || status === 403 || status === 407) {
    return new CredentialRefused(status, ' in its stream')
  }
  const isError = Number.isInteger(status) && status >= 400 && status <= 599
  return new BackendRefusal(isError ? refusal : { ...refusal, status: 502 })
}
