// C1 for API keys: what is missing, wrong or not spelled as a key is 401 with a challenge, nothing of it goes upstream,
// and nobody learns from the answer whether a key was near.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testKey } from '../support/gateway.ts'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { createFaultGateway, type FaultGateway } from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { choices: [] })),
    manifests: (url) => `
apiVersion: v1
kind: Secret
metadata: { name: hashed }
stringData:
  key: 'sha256:${digest(hashedKey)}'
  capitals: '${capitalsForm}'
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: hashed }
spec:
  apiKeys:
    - { consumer: hashed, secretRef: { name: hashed, key: key } }
    - { consumer: hashed, secretRef: { name: hashed, key: capitals } }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: closed }
spec: { path: /closed, targetService: '${url}' }
`,
  })
})
afterAll(() => gateway.stop())

const hashedKey = 'sk-hashed-41d0'
const capitalsKey = 'sk-capitals-77b2'
const capitalsForm = `SHA256:${digest(capitalsKey).toUpperCase()}`
const body = '{"model":"m1","messages":[]}'

/** The three kinds of closed door: the shared surface, a model's own path, a plain service. */
const doors = ['/v1/chat/completions', '/v1/m1/chat/completions', '/closed/x'] as const

/** `headers`: lines as they go out, in Latin-1. */
async function ask(path: string, headers: readonly string[]) {
  const lines = [`POST ${path} HTTP/1.1`, 'host: a', 'content-type: application/json', 'x-request-id: same', ...headers]
  const text = `${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  return exchangeRaw(gateway.port, Buffer.from(text, 'latin1'))
}

describe('C1: 401', () => {
  const flipped = testKey.replace('4', '5')
  test.each<readonly [string, readonly string[], string]>([
    ['nothing', [], 'missing_api_key'],
    ['a cookie', [`cookie: api_key=${testKey}`], 'missing_api_key'],
    ['Proxy-Authorization', [`proxy-authorization: Bearer ${testKey}`], 'missing_api_key'],
    ['another header', [`x-auth-token: ${testKey}`], 'missing_api_key'],
    ['an underscore', [`x_api_key: ${testKey}`], 'missing_api_key'],
    ['an unknown key', ['authorization: Bearer sk-nobody'], 'invalid_api_key'],
    ['a key one sign off', [`authorization: Bearer ${flipped}`], 'invalid_api_key'],
    ['a key cut short', [`authorization: Bearer ${testKey.slice(0, -1)}`], 'invalid_api_key'],
    ['a key that goes on', [`authorization: Bearer ${testKey}x`], 'invalid_api_key'],
    ['a key in capitals', [`authorization: Bearer ${testKey.toUpperCase()}`], 'invalid_api_key'],
    ['Basic', [`authorization: Basic ${Buffer.from(`x:${testKey}`).toString('base64')}`], 'invalid_api_key'],
    ['Digest', [`authorization: Digest ${testKey}`], 'invalid_api_key'],
    ['Token', [`authorization: Token ${testKey}`], 'invalid_api_key'],
    ['no scheme', [`authorization: ${testKey}`], 'invalid_api_key'],
    ['no space', [`authorization: Bearer${testKey}`], 'invalid_api_key'],
    ['a colon', [`authorization: Bearer: ${testKey}`], 'invalid_api_key'],
    ['an equals sign', [`authorization: Bearer=${testKey}`], 'invalid_api_key'],
    ['the scheme alone', ['authorization: Bearer'], 'invalid_api_key'],
    ['the scheme and a space', ['authorization: Bearer '], 'invalid_api_key'],
    ['an empty Authorization', ['authorization:'], 'invalid_api_key'],
    ['two spaces', [`authorization: Bearer  ${testKey}`], 'invalid_api_key'],
    ['a TAB', [`authorization: Bearer\t${testKey}`], 'invalid_api_key'],
    ['a space and a TAB', [`authorization: Bearer \t${testKey}`], 'invalid_api_key'],
    ['two tokens', [`authorization: Bearer ${testKey} ${testKey}`], 'invalid_api_key'],
    ['a list of tokens', [`authorization: Bearer ${testKey},${testKey}`], 'invalid_api_key'],
    ['two schemes', [`authorization: Bearer ${testKey}, Basic eA==`], 'invalid_api_key'],
    ['quotes', [`authorization: Bearer "${testKey}"`], 'invalid_api_key'],
    ['a token of 16 KiB', [`authorization: Bearer ${'a'.repeat(16_384)}`], 'invalid_api_key'],
    ['the key, then 16 KiB', [`authorization: Bearer ${testKey}${'a'.repeat(16_384)}`], 'invalid_api_key'],
    ['non-ASCII', ['authorization: Bearer sk-\xe4\xf6\xfc'], 'invalid_api_key'],
    ['non-ASCII behind the key', [`authorization: Bearer ${testKey}\xa0`], 'invalid_api_key'],
    ['a digest instead of its key', [`authorization: Bearer sha256:${digest(testKey)}`], 'invalid_api_key'],
    ['a bare digest', [`authorization: Bearer ${digest(testKey)}`], 'invalid_api_key'],
    ['the stored form of a hashed key', [`authorization: Bearer sha256:${digest(hashedKey)}`], 'invalid_api_key'],
    ['a stored form in capitals', [`authorization: Bearer ${capitalsForm}`], 'invalid_api_key'],
    ['an empty x-api-key', ['x-api-key:'], 'invalid_api_key'],
    ['a wrong x-api-key', ['x-api-key: sk-nobody'], 'invalid_api_key'],
    ['Bearer in x-api-key', [`x-api-key: Bearer ${testKey}`], 'invalid_api_key'],
    ['a wrong api-key', ['api-key: sk-nobody'], 'invalid_api_key'],
    ['two different keys', [`authorization: Bearer ${testKey}`, 'x-api-key: sk-nobody'], 'invalid_api_key'],
    ['two good keys of two callers', [`authorization: Bearer ${testKey}`, `api-key: ${hashedKey}`], 'invalid_api_key'],
    ['a good x-api-key with another scheme', [`authorization: Basic eA==`, `x-api-key: ${testKey}`], 'invalid_api_key'],
  ])('%s', async (_, headers, code) => {
    const before = gateway.backend.requests.length
    const bytesBefore = gateway.backend.readBytesReceived()
    for (const door of doors) {
      const answer = await ask(door, headers)
      expect([answer.status, answer.json()]).toMatchObject([401, { error: { code, param: null } }])
      expect(answer.header('www-authenticate')).toBe('Bearer')
      expect(answer.text).not.toContain(testKey)
    }
    expect(gateway.backend.requests.length).toBe(before)
    expect(gateway.backend.readBytesReceived()).toBe(bytesBefore)
  })

  test('two Authorization headers are no request at all: 400', async () => {
    const line = `authorization: Bearer ${testKey}`
    for (const door of doors) expect((await ask(door, [line, line])).status).toBe(400)
  })
})

test.each(['api_key', 'key', 'access_token', 'api-key'])('C1: a key in the query, as %s, is none', async (name) => {
  for (const door of doors) expect((await ask(`${door}?${name}=${testKey}`, [])).status).toBe(401)
})

test('C1: unknown, wrong and near keys get the same answer, to the byte', async () => {
  const near = [
    testKey.slice(0, -1),
    `${testKey}x`,
    'sk-nobody',
    'a'.repeat(8_000),
    digest(testKey),
    'ä',
    testKey.toUpperCase(),
  ]
  for (const door of doors) {
    const answers = await Promise.all(near.map((key) => ask(door, [`authorization: Bearer ${key}`])))
    const heads = answers.map(({ message }) => message.head.toString('latin1').replace(/^date: .*\r\n/im, ''))
    expect(new Set(heads).size).toBe(1)
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  }
})

test.each([
  `authorization: Bearer ${testKey}`,
  `authorization: bearer ${testKey}`,
  `authorization: BEARER ${testKey}`,
  `Authorization:Bearer ${testKey}  `,
  `x-api-key: ${testKey}`,
  `X-API-Key: ${testKey}`,
  `api-key: ${testKey}`,
  `authorization: Bearer ${hashedKey}`,
  `x-api-key: ${hashedKey}`,
  `x-api-key: ${capitalsKey}`,
])('C1: %s is a key (RFC 9110: the scheme has no case)', async (line) => {
  for (const door of doors) expect((await ask(door, [line])).status).toBe(200)
})

test('C1: the same key in every header is one key', async () => {
  const lines = [`authorization: Bearer ${testKey}`, `x-api-key: ${testKey}`, `api-key: ${testKey}`]
  for (const door of doors) expect((await ask(door, lines)).status).toBe(200)
})

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
