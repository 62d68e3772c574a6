import { describe, expect, test } from 'vitest'
import { parseConnectionNames } from '../../src/wire/header-names.ts'
import { appendModelRequestHeaders, appendServiceRequestHeaders } from '../../src/wire/request-headers.ts'
import { filterResponseHeaders } from '../../src/wire/response-headers.ts'

const sent: readonly (readonly [string, string])[] = [
  ['host', 'gw'],
  ['connection', 'close, x-secret-hop, Keep-Alive'],
  ['keep-alive', 'timeout=5'],
  ['proxy-authorization', 'Basic canary'],
  ['te', 'trailers'],
  ['trailer', 'x'],
  ['transfer-encoding', 'chunked'],
  ['upgrade', 'h2c'],
  ['http2-settings', 'AAAA'],
  ['authorization', 'Bearer canary'],
  ['x-api-key', 'canary'],
  ['api-key', 'canary'],
  ['content-length', '3'],
  ['expect', '100-continue'],
  ['forwarded', 'for=canary'],
  ['x-forwarded-for', 'canary'],
  ['x-forwarded-anything', 'canary'],
  ['x-real-ip', 'canary'],
  ['x-sluice-route', 'canary'],
  ['x-secret-hop', 'canary'],
  ['content-type', 'application/json'],
  ['accept', 'text/event-stream'],
  ['accept-encoding', 'gzip'],
  ['user-agent', 'OpenAI/JS'],
  ['x-stainless-os', 'Linux'],
  ['openai-organization', 'org'],
  ['openai-beta', 'assistants=v2'],
  ['anthropic-version', '2023-06-01'],
  ['cookie', 'a=1'],
  ['cookie', 'b=2'],
  ['traceparent', '00-1'],
]
const names = sent.map(([name]) => name)
const values = sent.map(([, value]) => value)

describe('A9 A23 A24 request headers', () => {
  test('to a model: an allow-list', () => {
    expect(appendModelRequestHeaders(names, values, ['x', 'y'])).toEqual([
      'x',
      'y',
      'content-type',
      'application/json',
      'accept',
      'text/event-stream',
      'openai-beta',
      'assistants=v2',
      'anthropic-version',
      '2023-06-01',
      'traceparent',
      '00-1',
    ])
  })

  test('to a plain service: all but hop-by-hop, credentials, forwarded and what the sender sets itself', () => {
    const out = appendServiceRequestHeaders(names, values)
    expect(out.join()).not.toContain('canary')
    expect(out).toEqual([
      'content-type',
      'application/json',
      'accept',
      'text/event-stream',
      'accept-encoding',
      'gzip',
      'user-agent',
      'OpenAI/JS',
      'x-stainless-os',
      'Linux',
      'openai-organization',
      'org',
      'openai-beta',
      'assistants=v2',
      'anthropic-version',
      '2023-06-01',
      'cookie',
      'a=1',
      'cookie',
      'b=2',
      'traceparent',
      '00-1',
    ])
  })

  test('what any Connection header names is dropped, in any case', () => {
    const hop = ['connection', 'accept', 'connection', 'x-a', 'x-b']
    const hopValues = ['close', '*/*', ' X-A ,,ACCEPT', '1', '2']
    expect(appendServiceRequestHeaders(hop, hopValues)).toEqual(['x-b', '2'])
    expect(appendModelRequestHeaders(hop, hopValues)).toEqual([])
  })

  test('the usual Connection values cost no set', () => {
    for (const value of ['keep-alive', 'close', 'Keep-Alive', 'Close', '', ' , '])
      expect(parseConnectionNames(value)).toBeNull()
    expect(parseConnectionNames('close, Foo')).toEqual(new Set(['foo']))
  })
})

describe('response headers', () => {
  test('go to the client without hop-by-hop, named and gateway-owned ones', () => {
    const flat = [
      'Content-Type',
      'text/event-stream',
      'Content-Length',
      '3',
      'X-Named',
      'canary',
      'Connection',
      'X-Named',
      'connection',
      'close',
      'Keep-Alive',
      'timeout=5',
      'Transfer-Encoding',
      'chunked',
      'Trailer',
      'x',
      'Proxy-Authenticate',
      'x',
      'Upgrade',
      'h2c',
      'X-Sluice-Target',
      'canary',
      'X-Request-Id',
      'canary',
      'Set-Cookie',
      'a',
      'Set-Cookie',
      'b',
      'X-Text',
      '\xe9',
      'openai-processing-ms',
      '1',
    ]
    expect(filterResponseHeaders(flat)).toEqual([
      'content-type',
      'text/event-stream',
      'content-length',
      '3',
      'set-cookie',
      'a',
      'set-cookie',
      'b',
      'x-text',
      '\xe9',
      'openai-processing-ms',
      '1',
    ])
  })
})
