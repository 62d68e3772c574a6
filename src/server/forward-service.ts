// Steps 9 to 12 for a plain service: unchanged, unbuffered both ways.
import type { BoundRoute } from '../upstream/bound-route.ts'
import { encodeServiceRequest } from '../upstream/encode-request.ts'
import type { Exchange } from '../upstream/exchange.ts'
import { forward } from '../upstream/forward.ts'
import { RawRelay } from '../upstream/relay-raw.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { RequestStream } from './request-stream.ts'

export async function forwardService(exchange: Exchange, route: BoundRoute, head: RequestHead): Promise<void> {
  const stream = head.hasBody ? new RequestStream(exchange) : null
  if (head.expectsContinue) exchange.response.writeContinue()
  const chooseRelay = () => new RawRelay(exchange)
  await forward(exchange, route, {
    prepare: (member) => {
      const body = stream === null ? null : stream.open()
      if (stream !== null && body === null) return null
      return { request: encodeServiceRequest(exchange, member, body), chooseRelay }
    },
  })
}
