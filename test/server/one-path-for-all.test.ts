// A14: the path that is authorised is the path that is forwarded: no spelling of a protected path gets past its check.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchangeRaw } from '../support/raw-client.ts'
import { type AbuseGateway, authorization, startAbuseGateway } from './abuse-gateway.ts'
import { expectRefused } from './send-with-marker.ts'

let gateway: AbuseGateway
beforeAll(async () => {
  gateway = await startAbuseGateway()
})
afterAll(() => gateway.stop())

function get(target: string, ...lines: readonly string[]): Buffer {
  const headers = [`Host: ${gateway.host}`, ...lines].join('\r\n')
  return Buffer.from(`GET ${target} HTTP/1.1\r\n${headers}\r\n\r\n`, 'latin1')
}

describe('refused', () => {
  test.each([
    '//protected/x',
    '/open//protected',
    '/./protected/x',
    '/open/../protected/x',
    '/open/..',
    '/..',
    '/.',
    '/open/%2e%2e/protected/x',
    '/open/.%2e/protected',
    '/%2e/protected',
    '/open/%2E%2E/protected/x',
    '/open/..;/protected/x',
    '/open/..;x=1/protected',
    '/open;x=/../protected',
    '/open/%2e%2e;/protected',
    '/open/..%3b/protected',
    '/open%2f..%2fprotected',
    '/%2fprotected',
    '/protected%2fx',
    '/open%5c..%5cprotected',
    '/open\\..\\protected',
    '/\\protected',
    '/;/protected',
    '/;x=y/protected',
    '/protected%00',
    '/open%00/protected',
    '/open%0a',
    '/open%0d%0ax:y',
    '/%zz',
    '/%',
    '/%4',
    '/open\0',
    '/open\x01',
    '/open\x7f',
    '/open\xff',
    '/open\xc3\xa9',
    '/%c0%ae%c0%ae/protected',
    '/open%c0%afprotected',
    '/%ff',
    '/%e0%80%af',
    '/%ed%a0%80',
    '/%f8%88%80%80%af',
  ])('%j, with a key and without', async (target) => {
    await expectRefused(gateway, get(target))
    await expectRefused(gateway, get(target, authorization))
  })
})

describe('spellings of the protected path are the protected path', () => {
  test.each([
    '/protected',
    '/protected/',
    '/protected/x',
    '/%70rotected',
    '/p%72otected/x',
    '/%70%72%6f%74%65%63%74%65%64',
    '/protected?x',
    '/protected/?..',
    '/prot%65cted/a%2Db',
  ])('%s asks for a key', async (target) => {
    const before = gateway.backend.readBytesReceived()
    expect((await exchangeRaw(gateway.port, get(target))).status).toBe(401)
    expect(gateway.backend.readBytesReceived()).toBe(before)
    const response = await exchangeRaw(gateway.port, get(target, authorization))
    expect(response.status).toBe(200)
    expect(response.text).toMatch(/^GET \/protected[/? ]/)
  })
})

describe('what is not the protected path is forwarded as what was checked', () => {
  test.each([
    ['/protectedx', '/protectedx'],
    ['/Protected', '/Protected'],
    ['/open;x=protected', '/open;x=protected'],
    ['/protected;x=1', '/protected;x=1'],
    ['/%2570rotected', '/%2570rotected'],
    ['/open/%252e%252e/protected', '/open/%252e%252e/protected'],
    ['/open%252fprotected', '/open%252fprotected'],
    ['/a%3ab%c3%a9%7e', '/a%3Ab%C3%A9~'],
    ['/open?a=/../protected&b=%2e%2e//', '/open?a=/../protected&b=%2e%2e//'],
    ['/a|b', '/a%7Cb'],
    ['/...', '/...'],
    ['/open/..x', '/open/..x'],
  ])('%s is %s', async (target, forwarded) => {
    const response = await exchangeRaw(gateway.port, get(target))
    expect(response.status).toBe(200)
    expect(response.text.split(' ')[1]).toBe(forwarded)
  })

  test('every combination of tricks: refused, asked for a key, or harmless to a browser-like parser', async () => {
    const parts = [
      'protected',
      '%70rotected',
      'x',
      '.',
      '..',
      '%2e',
      '%2e%2e',
      '.%2E',
      '%252e',
      '',
      ';',
      ';a=b',
      '..;',
      '%3b',
      '%5c',
      '%2f',
      '\\',
      '%00',
    ]
    const targets = parts.flatMap((one) =>
      parts.flatMap((two) => [`/${one}/${two}`, `/x/${one}/${two}`, `/${one}${two}`, `/${one}/${two}/protected`]),
    )
    let next = 0
    const counts = { 200: 0, 400: 0, 401: 0 }
    const work = async (): Promise<void> => {
      while (next < targets.length) {
        const target = targets[next++] ?? '/'
        const { status, text } = await exchangeRaw(gateway.port, get(target))
        if (status !== 200 && status !== 400 && status !== 401) throw new Error(`${target} is answered ${status}`)
        counts[status]++
        if (status !== 200) continue
        const forwarded = text.split(' ')[1] ?? ''
        const { pathname } = new URL(`http://upstream${forwarded}`)
        expect(pathname, target).toBe(forwarded)
        expect(/^\/protected(?:\/|$)/.test(decodeURIComponent(pathname)), target).toBe(false)
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    expect(counts[200]).toBeGreaterThan(100)
    expect(counts[400]).toBeGreaterThan(500)
    expect(counts[401]).toBeGreaterThan(15)
  })
})
