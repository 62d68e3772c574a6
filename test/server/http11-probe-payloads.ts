// The payloads that the vectors describe but don't carry, because the original builds them in code.
// Text is latin-1: one character, one byte.

const end = '\r\n\r\n'

function get(host: string, path = '/'): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}${end}`
}

function post(host: string, headers: readonly string[], body: string): string {
  return `POST / HTTP/1.1\r\nHost: ${host}\r\n${headers.join('\r\n')}${end}${body}`
}

function chunked(host: string, body: string): string {
  return post(host, ['Transfer-Encoding: chunked'], body)
}

/** Content-Length covers a whole request hidden behind a last chunk. */
function hidden(host: string, renderHeaders: (length: number) => readonly string[], method = 'GET'): string {
  const body = `0${end}${method} /smuggled HTTP/1.1\r\nHost: ${host}${end}`
  return post(host, renderHeaders(body.length), body)
}

type Build = (host: string) => string

/** By probe id. */
export const builtPayloads: Readonly<Record<string, Build>> = {
  'RFC9112-7.1-MISSING-HOST': () => `GET / HTTP/1.1${end}`,
  'RFC9112-2.3-HTTP09-REQUEST': () => 'GET /\r\n',
  'COMP-METHOD-CONNECT': (host) => `CONNECT example.com:443 HTTP/1.1\r\nHost: ${host}${end}`,
  'COMP-HTTP10-NO-HOST': () => `GET / HTTP/1.0${end}`,
  'COMP-LONG-URL-OK': (host) => get(host, `/${'a'.repeat(7_900)}`),
  'SMUG-CL-TE-BOTH': (host) =>
    post(host, ['Transfer-Encoding: chunked', 'Content-Length: 15'], `5\r\nhello\r\n0${end}`),
  'SMUG-CLTE-PIPELINE': (host) => hidden(host, (length) => [`Content-Length: ${length}`, 'Transfer-Encoding: chunked']),
  'SMUG-TECL-PIPELINE': (host) =>
    post(host, ['Transfer-Encoding: chunked', 'Content-Length: 4'], `5\r\nhello\r\n0${end}${get(host, '/smuggled')}`),
  'SMUG-BARE-CR-HEADER-VALUE': (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Test: a\rb${end}`,
  'SMUG-CHUNK-EXT-LF': (host) => chunked(host, `5;ext\nhello\r\n0${end}`),
  'SMUG-CHUNK-LF-TERM': (host) => chunked(host, `5\r\nhello\n0${end}`),
  'SMUG-CHUNK-EXT-CTRL': (host) => chunked(host, `5;a\0b\r\nhello\r\n0${end}`),
  'SMUG-CHUNK-EXT-CR': (host) => chunked(host, `5;a\rb\r\nhello\r\n0${end}`),
  'SMUG-TE-VTAB': (host) => post(host, ['Transfer-Encoding: \x0bchunked', 'Content-Length: 5'], 'hello'),
  'SMUG-TE-FORMFEED': (host) => post(host, ['Transfer-Encoding: \x0cchunked', 'Content-Length: 5'], 'hello'),
  'SMUG-TE-NULL': (host) => post(host, ['Transfer-Encoding: chunked\0', 'Content-Length: 5'], 'hello'),
  'SMUG-CHUNK-LF-TRAILER': (host) => chunked(host, '5\r\nhello\r\n0\r\n\n'),
  'SMUG-CL-LEADING-ZEROS-OCTAL': (host) => post(host, ['Content-Length: 0200'], 'a'.repeat(200)),
  'SMUG-CHUNK-BARE-CR-TERM': (host) => chunked(host, `5\rhello\r\n0${end}`),
  'SMUG-CLTE-SMUGGLED-GET': (host) =>
    hidden(host, (length) => [`Content-Length: ${length}`, 'Transfer-Encoding: chunked']),
  'SMUG-CLTE-SMUGGLED-GET-CL-PLUS': (host) =>
    hidden(host, (length) => [`Content-Length: +${length}`, 'Transfer-Encoding: chunked']),
  'SMUG-CLTE-SMUGGLED-GET-CL-NON-NUMERIC': (host) =>
    hidden(host, (length) => [`Content-Length: ${length}a`, 'Transfer-Encoding: chunked']),
  'SMUG-CLTE-SMUGGLED-GET-TE-OBS-FOLD': (host) =>
    hidden(host, (length) => [`Content-Length: ${length}`, 'Transfer-Encoding:\r\n chunked']),
  'SMUG-CLTE-SMUGGLED-HEAD': (host) =>
    hidden(host, (length) => [`Content-Length: ${length}`, 'Transfer-Encoding: chunked'], 'HEAD'),
  'SMUG-CLTE-SMUGGLED-GET-TE-TRAILING-SPACE': (host) =>
    hidden(host, (length) => [`Content-Length: ${length}`, 'Transfer-Encoding: chunked ']),
  'SMUG-CLTE-SMUGGLED-GET-TE-LEADING-COMMA': (host) =>
    hidden(host, (length) => [`Content-Length: ${length}`, 'Transfer-Encoding: , chunked']),
  'SMUG-CLTE-SMUGGLED-GET-TE-CASE-MISMATCH': (host) =>
    hidden(host, (length) => [`Content-Length: ${length}`, 'Transfer-Encoding: ChUnKeD']),
  'SMUG-TE-DUPLICATE-HEADERS-SMUGGLED-GET': (host) =>
    hidden(host, (length) => [
      `Content-Length: ${length}`,
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: identity',
    ]),
  'SMUG-TECL-SMUGGLED-GET': (host) => {
    const smuggled = get(host, '/smuggled')
    const size = `${smuggled.length.toString(16)}\r\n`
    const headers = ['Transfer-Encoding: chunked', `Content-Length: ${size.length}`]
    return post(host, headers, `${size}${smuggled}\r\n0${end}`)
  },
  'SMUG-DUPLICATE-CL-SMUGGLED-GET': (host) => {
    const smuggled = get(host, '/smuggled')
    return post(host, ['Content-Length: 0', `Content-Length: ${smuggled.length}`], smuggled)
  },
  'SMUG-GET-CL-PREFIX-DESYNC': (host) => {
    const prefix = 'GET /smuggled HTTP/1.1\r\nX-Ignore: y'
    return `GET / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${prefix.length}${end}${prefix}`
  },
  'SMUG-PIPELINE-SAFE': (host) => get(host) + get(host),
  'MAL-BINARY-GARBAGE': () =>
    Array.from({ length: 256 }, (_, index) => String.fromCharCode((index * 167 + 91) & 0xff)).join(''),
  'MAL-LONG-URL': (host) => get(host, `/${'a'.repeat(102_400)}`),
  'MAL-LONG-HEADER-VALUE': (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Long: ${'a'.repeat(102_400)}${end}`,
  'MAL-MANY-HEADERS': (host) =>
    `GET / HTTP/1.1\r\nHost: ${host}\r\n${Array.from({ length: 10_000 }, (_, index) => `X-${index}: v`).join('\r\n')}${end}`,
  'MAL-CONTROL-CHARS-HEADER': (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Test: a\x01\x02\x03b${end}`,
  'MAL-EMPTY-REQUEST': () => '',
  'MAL-LONG-HEADER-NAME': (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n${'a'.repeat(102_400)}: v${end}`,
  'MAL-LONG-METHOD': (host) => `${'A'.repeat(102_400)} / HTTP/1.1\r\nHost: ${host}${end}`,
  'MAL-NON-ASCII-HEADER-NAME': (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nX-T\xc3\xabst: v${end}`,
  'MAL-NON-ASCII-URL': (host) => get(host, '/caf\xc3\xa9'),
  'MAL-WHITESPACE-ONLY-LINE': () => `   ${end}`,
  'MAL-NUL-IN-HEADER-VALUE': (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Test: a\0b${end}`,
  'MAL-H2-PREFACE': () => `PRI * HTTP/2.0${end}SM${end}`,
  'MAL-URL-OVERLONG-UTF8': (host) => get(host, '/\xc0\xaf'),
  'MAL-CHUNK-EXT-64K': (host) => chunked(host, `5;ext=${'a'.repeat(65_536)}\r\nhello\r\n0${end}`),
  'MAL-RANGE-OVERLAPPING': (host) =>
    `GET / HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=${Array.from({ length: 1_000 }, () => '0-').join(',')}${end}`,
  'COOK-OVERSIZED': (host) => `GET /echo HTTP/1.1\r\nHost: ${host}\r\nCookie: a=${'b'.repeat(65_536)}${end}`,
  'COOK-NUL': (host) => `GET /echo HTTP/1.1\r\nHost: ${host}\r\nCookie: a=b\0c${end}`,
  'COOK-CONTROL-CHARS': (host) => `GET /echo HTTP/1.1\r\nHost: ${host}\r\nCookie: a=b\x01\x02\x03c${end}`,
  'COOK-MANY-PAIRS': (host) =>
    `GET /echo HTTP/1.1\r\nHost: ${host}\r\nCookie: ${Array.from({ length: 1_000 }, (_, index) => `c${index}=v`).join('; ')}${end}`,
}
