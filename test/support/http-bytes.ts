// Writes HTTP/1.1 as text, exactly as told: good framing by default, bad framing when a test spells it.

export type Headers = Readonly<Record<string, string | readonly string[]>>

/** A head with its blank line: `HTTP/1.1 200 OK` or `POST /v1/x HTTP/1.1` and headers, nothing added. */
export function renderHead(startLine: string, headers: Headers = {}): string {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    (typeof values === 'string' ? [values] : values).map((value) => `${name}: ${value}\r\n`),
  )
  return `${startLine}\r\n${lines.join('')}\r\n`
}

/** A whole response with a Content-Length. */
export function renderResponse(status: number, body = '', headers: Headers = {}): string {
  return (
    renderHead(`HTTP/1.1 ${status} Scripted`, { 'content-length': `${Buffer.byteLength(body)}`, ...headers }) + body
  )
}

export function renderJsonResponse(status: number, value: unknown, headers: Headers = {}): string {
  return renderResponse(status, JSON.stringify(value), { 'content-type': 'application/json', ...headers })
}

/** The head of a chunked event stream. */
export function renderStreamHead(headers: Headers = {}): string {
  return renderHead('HTTP/1.1 200 OK', {
    'content-type': 'text/event-stream',
    'transfer-encoding': 'chunked',
    ...headers,
  })
}

export function renderChunk(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data)
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/** The end of a chunked body. */
export const lastChunk = '0\r\n\r\n'

/** A whole request; a body gets a Content-Length unless the headers say how it is framed. */
export function renderRequest(method: string, target: string, headers: Headers = {}, body = ''): string {
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  const isFramed = names.includes('content-length') || names.includes('transfer-encoding')
  const framing: Headers = body === '' || isFramed ? {} : { 'content-length': `${Buffer.byteLength(body)}` }
  const hostHeader: Headers = names.includes('host') ? {} : { host: 'gateway.test' }
  return renderHead(`${method} ${target} HTTP/1.1`, { ...hostHeader, ...headers, ...framing }) + body
}

/** One data-only server-sent event of a JSON value, or of a text such as `[DONE]`. */
export function renderEvent(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}
