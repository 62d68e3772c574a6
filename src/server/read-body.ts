// Reads a request body whole: raw bytes, capped, refused by its declared length before a byte is taken (A18).
import { GatewayError } from '../errors/gateway-error.ts'
import type { Exchange } from '../upstream/exchange.ts'

/** Throws `body_too_large`, `invalid_request` (nothing there), or `client_closed` when the client leaves. */
export async function readBody(exchange: Exchange, limitBytes: number): Promise<Buffer> {
  const { head, request, response } = exchange
  if (head === null || !head.hasBody) {
    throw new GatewayError('invalid_json', 'no body', { publicText: 'The request has no body; JSON is expected.' })
  }
  if (head.contentLength !== null && head.contentLength > limitBytes) throw tooLarge(limitBytes)
  if (head.expectsContinue) response.writeContinue()
  const startedAt = performance.now()
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = []
      let bytes = 0
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        exchange.bytesIn += chunk.length
        if (bytes > limitBytes) {
          request.pause()
          request.removeAllListeners('data')
          reject(tooLarge(limitBytes))
          return
        }
        chunks.push(chunk)
      })
      request.on('end', () => {
        const only = chunks[0]
        resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes))
        // The request, and with it this listener, lives as long as the answer: a stream must not hold its body twice.
        chunks.length = 0
      })
      // `close` without `end`: the client left, or Node's request timeout closed the connection.
      request.on('close', () => {
        if (!request.complete) reject(new GatewayError('client_closed', 'the client left while sending its body'))
      })
      request.on('error', () => {})
    })
  } finally {
    exchange.bodyReadMs += performance.now() - startedAt
  }
}

function tooLarge(limitBytes: number): GatewayError {
  return new GatewayError('body_too_large', undefined, {
    publicText: `The body is larger than ${limitBytes} bytes.`,
    closeConnection: true,
  })
}
