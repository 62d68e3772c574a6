// C9: a Secret that is rotated, spoilt or deleted while clients call: the new value is used within 5 s without a
// restart, no request of anybody else fails, a bad value takes down its own backend (or key) alone and says so in a
// condition, and no line break of it ever reaches a header.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { until } from '../support/until.ts'

let backend: HttpBackend
let gateway: TestGateway

const secret = (name: string, fields: string) => `
apiVersion: v1
kind: Secret
metadata: { name: ${name} }
${fields}
`
const model = (name: string) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: Custom
  modelType: LLM
  endpoint: ${backend.url}/${name}
  credentials: { type: APIKey, secretRef: { name: up-${name}, key: token } }
`
const policy = (name: string) => `
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: ${name} }
spec: { apiKeys: [{ consumer: ${name}, secretRef: { name: ${name}, key: key } }] }
`

beforeAll(async () => {
  backend = await createHttpBackend(json(200, { choices: [] }))
  gateway = await startGateway({
    manifests: [
      model('changing'),
      model('steady'),
      policy('rotated'),
      policy('stable'),
      secret('stable', 'stringData: { key: sk-stable }'),
      secret('up-steady', 'stringData: { token: up-steady }'),
    ].join('---\n'),
  })
  await gateway.writeManifest('up.yaml', secret('up-changing', 'stringData: { token: up-0 }'))
  await gateway.writeManifest('key.yaml', secret('rotated', 'stringData: { key: sk-0 }'))
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

async function call(modelName: string, key: string): Promise<number> {
  const { statusCode, body } = await request(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: modelName, messages: [] }),
  })
  await body.dump()
  return statusCode
}

/** Two clients that never rest while `act` runs; the statuses they were given. */
async function underTraffic(modelName: string, key: string, act: () => Promise<void>): Promise<readonly number[]> {
  const statuses: number[] = []
  let isOver = false
  const client = async () => {
    do statuses.push(await call(modelName, key))
    while (!isOver)
  }
  const clients = [client(), client()]
  try {
    await act()
  } finally {
    isOver = true
  }
  await Promise.all(clients)
  return statuses
}

const readConfig = async () => (await fetch(`${gateway.adminUrl}/config`)).text()
const readAuthorizations = (path: string) =>
  backend.requests.filter(({ url }) => url.startsWith(path)).map(({ headers }) => headers.authorization)
const only200 = (statuses: readonly number[]) => expect(new Set(statuses)).toEqual(new Set([200]))

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')

test.each([
  ['plain', 'stringData: { token: up-1 }', 'up-1'],
  ['with a newline at its end', `data: { token: ${base64('up-2\n')} }`, 'up-2'],
  ['with CR and LF at its end', `data: { token: ${base64('up-3\r\n')} }`, 'up-3'],
])(
  'C9: an upstream credential is rotated, %s: it is used within 5 s, and no request fails',
  async (_, fields, token) => {
    const statuses = await underTraffic('changing', 'sk-stable', async () => {
      const startedAt = performance.now()
      await gateway.writeManifest('up.yaml', secret('up-changing', fields))
      await until(() => readAuthorizations('/changing').at(-1) === `Bearer ${token}`, 'the new one is used')
      expect(performance.now() - startedAt).toBeLessThan(5_000)
    })
    only200(statuses)
  },
)

const spoilt: readonly (readonly [string, string | null, string])[] = [
  ['a line break in it', `data: { token: ${base64('up-x\r\nx-injected: 1')} }`, 'InvalidSecret'],
  ['a bare LF in it', `data: { token: ${base64('up-x\nx-injected: 1')} }`, 'InvalidSecret'],
  ['two line ends', `data: { token: ${base64('up-x\n\n')} }`, 'InvalidSecret'],
  ['a NUL', `data: { token: ${base64('up-x\0')} }`, 'InvalidSecret'],
  ['a space', 'stringData: { token: "up x" }', 'InvalidSecret'],
  ['bytes that are no text', `data: { token: ${Buffer.from([0xff, 0xfe]).toString('base64')} }`, 'InvalidSecret'],
  ['nothing in it', 'stringData: { token: "" }', 'InvalidSecret'],
  ['only a line end', `data: { token: ${base64('\n')} }`, 'InvalidSecret'],
  ['another entry', 'stringData: { other: up-x }', 'RefNotFound'],
  ['no Base64', 'data: { token: "%%%" }', 'RefNotFound'],
  ['no Secret any more', null, 'RefNotFound'],
]

async function spoil(file: string, name: string, fields: string | null): Promise<void> {
  if (fields === null) await rm(join(gateway.folder, file))
  else await gateway.writeManifest(file, secret(name, fields))
}

test.each(spoilt)(
  'C9: an upstream credential with %s: that backend alone is out, and says why',
  async (_, fields, reason) => {
    const others = await underTraffic('steady', 'sk-stable', async () => {
      await spoil('up.yaml', 'up-changing', fields)
      await until(async () => (await call('changing', 'sk-stable')) === 503, 'it is out')
      const { length } = backend.requests
      expect(await call('changing', 'sk-stable')).toBe(503)
      expect(backend.requests.slice(length).filter(({ url }) => url.startsWith('/changing'))).toEqual([])
      expect(await readConfig()).toContain(reason)
      await gateway.writeManifest('up.yaml', secret('up-changing', 'stringData: { token: up-9 }'))
      expect(await call('changing', 'sk-stable')).toBe(200)
    })
    only200(others)
  },
)

test('C9: a caller’s key is rotated: the new one works and the old one does not, and no other caller notices', async () => {
  const others = await underTraffic('steady', 'sk-stable', async () => {
    expect(await call('steady', 'sk-0')).toBe(200)
    for (const [fields, key, before] of [
      ['stringData: { key: sk-1 }', 'sk-1', 'sk-0'],
      [`data: { key: ${base64('sk-2\n')} }`, 'sk-2', 'sk-1'],
    ] as const) {
      await gateway.writeManifest('key.yaml', secret('rotated', fields))
      expect([await call('steady', key), await call('steady', before)]).toEqual([200, 401])
    }
  })
  only200(others)
})

test.each(spoilt)(
  'C9: a caller’s key with %s: that key alone is out, and the policy says why',
  async (_, fields, reason) => {
    await gateway.writeManifest('key.yaml', secret('rotated', 'stringData: { key: sk-8 }'))
    const others = await underTraffic('steady', 'sk-stable', async () => {
      expect(await call('steady', 'sk-8')).toBe(200)
      await spoil('key.yaml', 'rotated', fields?.replace('token', 'key') ?? null)
      await until(async () => (await call('steady', 'sk-8')) === 401, 'it is refused')
      expect(await readConfig()).toContain(reason)
    })
    only200(others)
  },
)

test('C9: nothing of a spoilt value has reached a header or the log', () => {
  expect(backend.requests.filter(({ rawHeaders }) => rawHeaders.join().includes('injected'))).toEqual([])
  expect(backend.requests.filter(({ headers }) => headers.authorization?.includes('up-x'))).toEqual([])
  expect(gateway.readLogText()).not.toMatch(/up-x|injected|sk-\d/)
})
