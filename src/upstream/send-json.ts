// An answer that Sluice gives itself.
import { appendGatewayHeaders } from './answer-headers.ts'
import type { Exchange } from './exchange.ts'

export function sendJson(exchange: Exchange, status: number, value: unknown): void {
  if (exchange.isClosed) return
  const body = Buffer.from(JSON.stringify(value))
  const headers = ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length)]
  appendGatewayHeaders(exchange, headers)
  exchange.response.writeHead(status, headers)
  exchange.bytesOut += body.length
  exchange.response.end(body)
}
