// G11: a 200 that is not what its operation answers is a 502 in the caller's dialect that repeats nothing of it: as it is
// passed on, and as it is translated.
import { describe, expect, test } from 'vitest'
import type { HttpBackendHandler } from '../support/http-backend.ts'
import { startRetryGateway } from './retry-gateway.ts'

const marker = 'raw-canary-51f0'

function answer(body: string | Buffer, type = 'application/json', status = 200): HttpBackendHandler {
  return (_request, response) => {
    response.writeHead(status, type === '' ? {} : { 'content-type': type })
    response.end(body)
  }
}

/** Whoever looks at its ends sees it. */
const plain: Readonly<Record<string, HttpBackendHandler>> = {
  empty: answer(''),
  'white space': answer(' \r\n\t '),
  HTML: answer(`<html>${marker}</html>`, 'text/html'),
  'HTML that says it is JSON': answer(`<html>${marker}</html>`),
  'text without a type': answer(marker, ''),
  'no content': answer('', '', 204),
  'an array cut short': answer(`[1, "${marker}"`),
  'an object cut short': answer(`{"id":"${marker}"`),
  'a bare number': answer('12'),
  'a bare string': answer(`"${marker}"`),
  'a byte order mark': answer(`\uFEFF{"id":"${marker}"}`),
  'UTF-16': answer(Buffer.from(`{"id":"${marker}"}`, 'utf16le')),
}

/** Whoever must understand it sees it. */
const deep: Readonly<Record<string, HttpBackendHandler>> = {
  'a missing value': answer(`{"id":"${marker}","choices":}`),
  'a comma too many': answer(`{"id":"${marker}",}`),
  'single quotes': answer(`{'id':'${marker}'}`),
  'a bare word': answer(`{"id":${marker}}`),
  'a hundred thousand brackets': answer(`{"choices":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  'an answer of something else': answer(`{"id":"${marker}"}`),
  'choices that are none': answer(`{"choices":"${marker}"}`),
  'an array': answer(`[{"id":"${marker}"}]`),
}

async function expectRefused(target: HttpBackendHandler, path: string): Promise<void> {
  const { ask, readLogText } = await startRetryGateway({ targets: [target], retry: { attempts: 0 } })
  const response = await ask({ max_tokens: 10 }, { path })
  const text = await response.text()
  expect([response.status, text.includes(marker)]).toEqual([502, false])
  const { error, type } = JSON.parse(text)
  expect(error.code).toMatch(/^upstream_(invalid_response|incomplete)$/)
  expect(type).toBe(path === '/v1/messages' ? 'error' : undefined)
  expect(readLogText()).not.toContain(marker)
}

describe('G11: passed on', () => {
  test.each(Object.entries(plain))('%s', (_, target) => expectRefused(target, '/v1/chat/completions'))
})

describe('G11: translated', () => {
  test.each(Object.entries({ ...plain, ...deep }))('%s', (_, target) => expectRefused(target, '/v1/messages'))
})
