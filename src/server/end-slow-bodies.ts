// Ends requests whose body comes too slowly: a connection held by a byte now and then is an attack (A19), a long upload
// at a decent rate is not, and one that waits for its backend (back pressure) is not the client's doing.
import { GatewayError } from '../errors/gateway-error.ts'
import type { HttpLimits } from '../settings.ts'
import { sendError } from '../upstream/send-error.ts'
import type { DataPlane } from './data-plane.ts'

export function endSlowBodies(plane: DataPlane, limits: HttpLimits): void {
  const now = performance.now()
  for (const exchange of plane.exchanges) {
    const { head, request, startedAt } = exchange
    const ageMs = now - startedAt
    if (ageMs < limits.bodyGraceMs || request.complete || head === null || !head.hasBody || request.isPaused()) continue
    if (exchange.bytesIn >= (limits.minBodyBytesPerSecond * ageMs) / 1_000) continue
    const error = new GatewayError('request_timeout', `${exchange.bytesIn} bytes in ${Math.round(ageMs)} ms`, {
      closeConnection: true,
    })
    exchange.cancel(error)
    sendError(exchange, error)
  }
}
