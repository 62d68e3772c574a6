import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../src/errors/error-table.ts'
import { GatewayError } from '../../src/errors/gateway-error.ts'
import { type RawRequest, readRequestHead } from '../../src/wire/request-head.ts'

function request(headers: readonly string[] = [], rest: Partial<RawRequest> = {}): RawRequest {
  const rawHeaders = headers.includes('Host') || headers.includes('host') ? [...headers] : ['Host', 'gw', ...headers]
  return { method: 'POST', url: '/v1/chat/completions', httpVersion: '1.1', rawHeaders, ...rest }
}

function refusal(message: RawRequest): ErrorCode {
  try {
    readRequestHead(message)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    expect(error.closeConnection).toBe(true)
    return error.code
  }
  throw new Error(`accepted ${JSON.stringify(message)}`)
}

describe('a usual request', () => {
  test('is read in one pass', () => {
    const head = readRequestHead({
      method: 'POST',
      url: '/v1/chat/completions?x=1',
      httpVersion: '1.1',
      rawHeaders: [
        'Host',
        'API.Example.com:8080',
        'Connection',
        'keep-alive',
        'Content-Length',
        '003',
        'Content-Type',
        'application/json',
        'Authorization',
        'Bearer k',
        'X-API-Key',
        'x',
        'api-key',
        'a',
        'X-Request-Id',
        'abc-1',
        'X_Api_Key',
        'evil',
        'Expect',
        '100-Continue',
      ],
    })
    expect(head).toEqual({
      method: 'POST',
      path: '/v1/chat/completions',
      query: '?x=1',
      hostname: 'api.example.com',
      authority: 'api.example.com:8080',
      names: [
        'host',
        'connection',
        'content-length',
        'content-type',
        'authorization',
        'x-api-key',
        'api-key',
        'x-request-id',
        'expect',
      ],
      values: [
        'API.Example.com:8080',
        'keep-alive',
        '003',
        'application/json',
        'Bearer k',
        'x',
        'a',
        'abc-1',
        '100-Continue',
      ],
      contentType: 'application/json',
      contentLength: 3,
      isChunked: false,
      hasBody: true,
      expectsContinue: true,
      mustClose: false,
      authorization: 'Bearer k',
      xApiKey: 'x',
      apiKey: 'a',
      requestId: 'abc-1',
    })
  })

  test('every head has the same shape', () => {
    const one = readRequestHead(request())
    const two = readRequestHead(request(['Transfer-Encoding', 'chunked', 'X-Request-Id', 'y']))
    expect(Object.keys(one)).toEqual(Object.keys(two))
  })
})

describe('A3 A4 transfer codings', () => {
  test.each([
    ['gzip, chunked', 'method_not_implemented'],
    ['gzip', 'method_not_implemented'],
    ['identity', 'method_not_implemented'],
    ['xchunked', 'method_not_implemented'],
    ['chunked, gzip', 'invalid_request'],
    ['chunked, chunked', 'invalid_request'],
    ['chunked,', 'invalid_request'],
    [', chunked', 'invalid_request'],
    ['chunked;ext=val', 'invalid_request'],
    ['"chunked"', 'invalid_request'],
    ['chunked\v', 'invalid_request'],
    ['', 'invalid_request'],
  ] as const)('%j is refused as %s', (value, code) => {
    expect(refusal(request(['Transfer-Encoding', value]))).toBe(code)
    expect(refusal(request(['Transfer-Encoding', value, 'Content-Length', '3']))).toBe('invalid_request')
  })

  test('chunked is served in any case', () => {
    expect(readRequestHead(request(['Transfer-Encoding', 'Chunked']))).toMatchObject({ isChunked: true, hasBody: true })
  })

  test('two headers, and one in HTTP/1.0, are refused', () => {
    expect(refusal(request(['Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked']))).toBe('invalid_request')
    expect(refusal(request(['Transfer-Encoding', 'chunked'], { httpVersion: '1.0' }))).toBe('invalid_request')
  })
})

describe('A5 content lengths', () => {
  test.each(['', '+3', '-1', '-0', '0x3', '3_0', '3, 3', '3 3', '18446744073709551619', '1e3', '３'])(
    '%j is refused',
    (value) => {
      expect(refusal(request(['Content-Length', value]))).toBe('invalid_request')
    },
  )
})

describe('A9 names with an underscore', () => {
  test.each(['Transfer_Encoding', 'Content_Length', 'X_Api_Key', 'x_forwarded_for', '_', 'a_'])(
    '%s is dropped',
    (name) => {
      const head = readRequestHead(request([name, 'chunked']))
      expect(head.names).toEqual(['host'])
      expect(head.values).toEqual(['gw'])
      expect(head).toMatchObject({ isChunked: false, contentLength: null, xApiKey: null })
    },
  )
})

describe('A10 singletons', () => {
  test.each(['Host', 'Authorization', 'X-Api-Key', 'Api-Key', 'Content-Type', 'Content-Length'])(
    'two %s are refused',
    (name) => {
      expect(refusal(request(['Host', 'gw', name, '1', name.toUpperCase(), '1'].slice(name === 'Host' ? 2 : 0)))).toBe(
        'invalid_request',
      )
    },
  )
})

describe('A11 hosts', () => {
  test.each([
    '',
    'a/b',
    'a b',
    'u@a',
    'a:99999',
    'a:0',
    'a:-1',
    'a:80:80',
    'a, evil',
    '[::1',
    '::1',
    '[::1]x',
    '[fe80::1%25eth0]',
    '[1.2.3.4]',
    '.',
    '.a',
    'a..b',
    'a?b',
    'a#b',
    'a\\b',
    'a%41',
    'a\u00e4',
    'a;b',
    `${'a'.repeat(64)}.x`,
    'a.'.repeat(200),
  ])('%j is refused', (host) => {
    expect(refusal(request(['Host', host]))).toBe('invalid_request')
  })

  test('an absent one is refused', () => {
    expect(refusal({ method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: [] })).toBe('invalid_request')
    expect(refusal({ method: 'GET', url: '/', httpVersion: '1.0', rawHeaders: [] })).toBe('invalid_request')
  })

  test.each([
    ['A.Example.COM', 'a.example.com', 'a.example.com'],
    ['a.example.com.', 'a.example.com', 'a.example.com'],
    ['a.example.com.:80', 'a.example.com', 'a.example.com'],
    ['a:080', 'a', 'a'],
    ['a:', 'a', 'a'],
    ['a:8080', 'a', 'a:8080'],
    ['127.0.0.1:8080', '127.0.0.1', '127.0.0.1:8080'],
    ['[::1]:8080', '[::1]', '[::1]:8080'],
    ['my_service.ns', 'my_service.ns', 'my_service.ns'],
  ])('%s is read as %s', (host, hostname, authority) => {
    expect(readRequestHead(request(['Host', host]))).toMatchObject({ hostname, authority })
  })
})

describe('A12 targets', () => {
  test.each(['http://gw/v1/x', 'HTTP://GW:80/v1/x', 'http://gw./v1/x', 'https://gw:443/v1/x'])(
    '%s is served: the same host',
    (url) => {
      expect(readRequestHead(request([], { url }))).toMatchObject({ path: '/v1/x', query: '', hostname: 'gw' })
    },
  )

  test('an absolute target without a path is the root', () => {
    expect(readRequestHead(request([], { url: 'http://gw' }))).toMatchObject({ path: '/', query: '' })
    expect(readRequestHead(request([], { url: 'http://gw?a' }))).toMatchObject({ path: '/', query: '?a' })
  })

  test.each([
    'http://evil/v1/x',
    'http://gw:81/',
    'http://u@gw/',
    'http:///x',
    'http://gw\\@evil/',
    'ftp://gw/',
    'http:/evil',
    'gw:80',
    '*',
    'p',
    '',
    '/a#b',
    '/a?b#c',
    'http://gw#x',
    '?a',
    'http://gw//x',
  ])('%j is refused', (url) => {
    expect(refusal(request([], { url }))).toBe('invalid_request')
  })
})

describe('A15 methods and A16 versions', () => {
  test.each([
    ['TRACE', 'method_not_allowed'],
    ['CONNECT', 'method_not_allowed'],
    ['PROPFIND', 'method_not_implemented'],
    ['post', 'method_not_implemented'],
    ['', 'method_not_implemented'],
    ['GE(T', 'method_not_implemented'],
  ] as const)('%j is refused as %s', (method, code) => {
    expect(refusal(request([], { method }))).toBe(code)
  })

  test.each(['0.9', '1.2', '1.01', '2.0', '9.9', ''])('HTTP/%s is refused', (httpVersion) => {
    expect(refusal(request([], { httpVersion }))).toBe('version_not_supported')
  })

  test('HTTP/1.0 is served, and closed', () => {
    expect(readRequestHead(request([], { httpVersion: '1.0' })).mustClose).toBe(true)
  })
})

describe('A17 sizes', () => {
  test('a target over the cap', () => {
    expect(readRequestHead(request([], { url: `/${'a'.repeat(16_383)}` })).path).toHaveLength(16_384)
    expect(refusal(request([], { url: `/${'a'.repeat(16_384)}` }))).toBe('uri_too_long')
  })

  test('more than a hundred headers', () => {
    const ninetyNine = Array.from({ length: 99 }, (_, index) => [`x-${index}`, '']).flat()
    expect(readRequestHead(request(ninetyNine)).names).toHaveLength(100)
    expect(refusal(request([...ninetyNine, 'x_y', '']))).toBe('headers_too_large')
  })
})

describe('A20 upgrades', () => {
  test('an upgrade is a plain request, closed after its answer', () => {
    expect(readRequestHead(request(['Connection', 'Upgrade', 'Upgrade', 'h2c'])).mustClose).toBe(true)
  })
})

describe('A22 expectations', () => {
  test.each(['y 100-continue', '100-continue, x', '200-ok', '', '100-continue;q=1'])('%j is refused', (value) => {
    expect(refusal(request(['Expect', value, 'Content-Length', '3']))).toBe('expectation_failed')
  })

  test('two are refused, HTTP/1.0 and a request without a body never wait', () => {
    expect(refusal(request(['Expect', '100-continue', 'expect', '100-continue']))).toBe('expectation_failed')
    const headers = ['Expect', '100-continue', 'Content-Length', '3']
    expect(readRequestHead(request(headers)).expectsContinue).toBe(true)
    expect(readRequestHead(request(headers, { httpVersion: '1.0' })).expectsContinue).toBe(false)
    expect(readRequestHead(request(['Expect', '100-continue'])).expectsContinue).toBe(false)
  })
})

describe('x-request-id', () => {
  test.each(['', 'a b', 'a\u00e4', 'a'.repeat(129), 'a/b', '{x}'])('%j is not repeated', (id) => {
    expect(readRequestHead(request(['X-Request-Id', id])).requestId).toBeNull()
  })

  test('two of them are none', () => {
    expect(readRequestHead(request(['X-Request-Id', 'a', 'x-request-id', 'b'])).requestId).toBeNull()
    expect(readRequestHead(request(['X-Request-Id', '!', 'x-request-id', 'b'])).requestId).toBeNull()
  })
})
