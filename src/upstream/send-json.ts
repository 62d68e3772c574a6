// An answer that Sluice gives itself.
import { buildOwnHeaders } from './answer-headers.ts'
import type { Exchange } from './exchange.ts'

/** `text`: JSON. `headers`: flat name/value pairs it needs besides those every answer has, names in lower case. */
export function sendJson(exchange: Exchange, status: number, text: string, headers: readonly string[] = []): void {
  if (exchange.isClosed) return
  const body = Buffer.from(text)
  const own = ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length), ...headers]
  exchange.response.writeHead(status, buildOwnHeaders(exchange, own))
  exchange.bytesOut += body.length
  exchange.response.end(body)
}
