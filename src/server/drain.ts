// Shutting down without losing a request: not ready at once, serving until load balancers have noticed, then no new
// connections, then an end for whatever is still running at the limit.
import type { Server } from 'node:http'
import { GatewayError } from '../errors/gateway-error.ts'
import { sendError } from '../upstream/send-error.ts'
import type { DataPlane } from './data-plane.ts'

export type Drain = Readonly<{
  /** Resolves when the last exchange has ended or was ended. */
  finished: Promise<void>
  /** The second signal: everything ends now. */
  hurry(): void
}>

/** How long the last error events may take to be flushed. Milliseconds. */
const flushMs = 500
/** How long a connection whose answer began before the drain, and so could not say `close`, may be idle. Milliseconds. */
const keepAliveMs = 500

export function startDrain(plane: DataPlane, server: Server, delayMs: number, timeoutMs: number): Drain {
  plane.lifecycle.isDraining = true
  server.keepAliveTimeout = keepAliveMs
  const hurried = Promise.withResolvers<void>()
  const finished = (async () => {
    await waitAtMost(delayMs, hurried.promise)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    await waitAtMost(timeoutMs, Promise.race([closed, hurried.promise]))
    if (plane.exchanges.size > 0) {
      endAll(plane)
      await waitAtMost(flushMs, closed)
    }
    server.closeAllConnections()
    await closed
  })()
  return { finished, hurry: () => hurried.resolve() }
}

/** Streams get an error event, the others a 503: never a silent cut. */
function endAll(plane: DataPlane): void {
  for (const exchange of [...plane.exchanges]) {
    const error = new GatewayError('draining', 'the drain timeout has passed', { retryAfterSeconds: 1 })
    exchange.cancel(error)
    if (!exchange.response.headersSent) sendError(exchange, error)
  }
}

async function waitAtMost(ms: number, event: Promise<void>): Promise<void> {
  if (ms <= 0) return
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([event, timeout])
  clearTimeout(timer)
}
