// The pause before a target is asked again. It ends with the exchange: nobody waits for a client that has left.
import { GatewayError } from '../../errors/gateway-error.ts'
import type { Exchange } from '../exchange.ts'
import type { Try } from './retry-plan.ts'

/** Returns the try, admitted now. Throws GatewayError when the client left or the process must go. */
export async function waitBeforeTry(exchange: Exchange, next: Try): Promise<Try> {
  const startedAt = performance.now()
  const error = await new Promise<GatewayError | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), next.waitMs)
    exchange.onCancel((reason) => {
      clearTimeout(timer)
      resolve(reason ?? new GatewayError('client_closed'))
    })
  })
  exchange.onCancel(null)
  const now = performance.now()
  exchange.upstreamMs += now - startedAt
  if (error !== null) throw error
  // Where somebody else is just finding out whether it is well, this one goes as well: it has waited for that.
  return { ...next, admission: next.member.state.health.admit(now) ?? next.admission }
}
