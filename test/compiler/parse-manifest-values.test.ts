// Addresses, durations and paths of manifests: what they become, and what is refused rather than mended.
import { describe, expect, test } from 'vitest'
import { SpecError } from '../../src/api/findings.ts'
import { parseDurationMs } from '../../src/compiler/parse-duration.ts'
import { parseEndpoint, parseTargetService } from '../../src/compiler/parse-endpoint.ts'
import { parseImpliedPath, parseRoutePath } from '../../src/compiler/parse-route-path.ts'

describe('durations', () => {
  test.for([
    ['0s', 0],
    ['0', 0],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1us', 1],
    ['0.1ms', 1],
    ['2h45m10.25s', 9_910_250],
    ['0.3s', 300],
    ['24h', 86_400_000],
  ] as const)('%s is %d ms', ([text, ms]) => {
    expect(parseDurationMs(text)).toBe(ms)
  })

  test.for(['', '5', 's', '-1s', '1 s', '1d', '1s2', '596h32m', '1e3s'])('%j is refused', (text) => {
    expect(() => parseDurationMs(text)).toThrow(SpecError)
  })
})

describe('addresses', () => {
  test.for([
    ['svc', 'http: svc 80 svc '],
    ['svc:8080', 'http: svc 8080 svc:8080 '],
    ['Svc.NS.svc.cluster.local', 'http: svc.ns.svc.cluster.local 80 svc.ns.svc.cluster.local '],
    ['https://a.example.com', 'https: a.example.com 443 a.example.com '],
    ['https://a.example.com:443/v1/', 'https: a.example.com 443 a.example.com /v1'],
    ['http://a.example.com:443/x//', 'http: a.example.com 443 a.example.com:443 /x'],
    ['[::1]:9', 'http: ::1 9 [::1]:9 '],
    ['::1', 'http: ::1 80 [::1] '],
    ['10.0.0.1', 'http: 10.0.0.1 80 10.0.0.1 '],
  ] as const)('%s', ([text, expected]) => {
    const { protocol, hostname, port, authority, basePath, tls } = parseTargetService(text)
    expect(`${protocol} ${hostname} ${port} ${authority} ${basePath}`).toBe(expected)
    expect(tls === null).toBe(protocol === 'http:')
  })

  test.for([
    '',
    'svc:99999',
    'svc:0',
    'svc/path',
    'a b',
    'ftp://a',
    'http:/a',
    'http:\\\\a',
    'http://a\\b',
    'http://',
    'http://a?b',
    'http://a#b',
    'http://a/\tb',
    'user@svc',
    'http://us%zzer@',
  ])('%j is refused', (text) => {
    expect(() => parseTargetService(text)).toThrow(SpecError)
  })

  test('a password in a URL is refused without a word of it', () => {
    expect(() => parseEndpoint('https://user:canary@host/v1')).toThrow(/^(?!.*canary).*credentials/)
  })
})

describe('paths', () => {
  test.for([
    ['/', '/'],
    ['/v1/x/', '/v1/x'],
    ['/%61', '/a'],
    ['/%c3%a9', '/%C3%A9'],
    ['/é', '/%C3%A9'],
    ['/a b', '/a%20b'],
    ['/a:b@c', '/a:b@c'],
  ] as const)('%s is %s', ([text, path]) => {
    expect(parseRoutePath(text)).toBe(path)
  })

  test.for([
    '',
    'a',
    '//a',
    '/a//b',
    '/./a',
    '/a/..',
    '/%2e%2e/a',
    '/a%2fb',
    '/a%5cb',
    '/a\\b',
    '/%00',
    '/%zz',
    '/a?b',
    '/a#b',
    '/a;x=1/..;/b',
  ])('%j is refused', (text) => {
    expect(() => parseRoutePath(text)).toThrow(SpecError)
  })

  test.for([
    ['gpt-4', '/v1/gpt-4'],
    ['meta-llama/Llama-3:8b', '/v1/meta-llama/Llama-3:8b'],
    ['50%', '/v1/50%25'],
    ['a/../b', null],
    ['a//b', null],
    ['a/', null],
  ] as const)('a model %s implies %s', ([modelName, path]) => {
    expect(parseImpliedPath(modelName)).toBe(path)
  })
})
