// Waiting for a token to be verified, which may take a fetch of its issuer's keys: never longer than the client stays or
// a drain allows.
import { GatewayError } from '../errors/gateway-error.ts'
import type { Exchange } from '../upstream/exchange.ts'

/** Rejects with what `pending` does, with `client_closed`, or with the error of the drain. */
export async function awaitCaller<T>(exchange: Exchange, pending: Promise<T>): Promise<T> {
  const { promise: given, reject: giveUp } = Promise.withResolvers<never>()
  exchange.onCancel((error) => giveUp(error ?? new GatewayError('client_closed')))
  try {
    return await Promise.race([pending, given])
  } finally {
    exchange.onCancel(null)
  }
}
