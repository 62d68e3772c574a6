// C6, C7: canaries stand for every credential; whatever goes wrong, at the most talkative log level, none of them is
// in a byte that anybody but its owner can read: answers, log, metrics, /config, /explain, what `validate` prints.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Headers,
  renderChunk,
  renderHead,
  renderJsonResponse,
  renderRequest,
  renderStreamHead,
} from '../support/http-bytes.ts'
import { connectRaw } from '../support/raw-client.ts'
import { type BackendConnection, createScriptedBackend, type ScriptedBackend } from '../support/scripted-backend.ts'
import { createSigner, goodClaims, signToken } from '../support/token-issuer.ts'
import { until } from '../support/until.ts'
import { findCanaries } from './find-canaries.ts'
import { mainPath, type ServedProcess, serveProcess } from './served-process.ts'

const caller = 'canary-caller-8d1f4c'
const hashedCaller = 'canary-hashed-caller-27ab'
const issuer = 'https://issuer.test'
const signer = createSigner('ES256', 'k1')
const token = signToken(signer, goodClaims(issuer, { secret: 'canary-claim-9e' }))
const tamperedToken = `${signToken(signer, goodClaims(issuer, { sub: 'canary-subject-4d' })).slice(0, -6)}AAAAAA`
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** By what they are; `upstream` is what the backend, and nobody else, may read. */
const canaries: Readonly<Record<string, string>> = {
  caller,
  hashedCaller,
  digestOfCaller: sha256(caller),
  digestOfHashedCaller: sha256(hashedCaller),
  upstream: 'canary-upstream-51e0/+=?&',
  environment: 'canary-environment-c3',
  binary: 'canary-binary-99',
  unused: 'canary-unused-14',
  broken: 'canary-broken-66',
  wrongKey: 'canary-wrong-key-70',
  query: 'canary-query-2b',
  prompt: 'canary-prompt-aa',
  header: 'canary-header-e8',
  brokenFile: 'canary-broken-file-05',
  unknownField: 'canary-unknown-field-31',
  redis: 'canary-redis-5b',
  token,
  tokenClaims: token.split('.')[1] ?? '',
  tokenSignature: token.split('.')[2] ?? '',
  claim: 'canary-claim-9e',
  tamperedToken,
  subject: 'canary-subject-4d',
}

function renderManifests(url: string): string {
  const model = (name: string, secret: string, rest = '') => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: Custom
  modelType: LLM
  endpoint: ${url}/v1
  timeouts: { firstByte: 300ms, idle: 300ms }
  credentials: { type: APIKey, secretRef: { name: ${secret}, key: token } }
${rest}`
  const secret = (name: string, text: string) => `
apiVersion: v1
kind: Secret
metadata: { name: ${name}, labels: { issue: 'yes' } }
stringData: { ${text} }
`
  return [
    secret('caller', `key: ${caller}`),
    secret('hashed', `key: 'sha256:${sha256(hashedCaller)}'`),
    secret('upstream', `token: '${canaries.upstream}'`),
    secret('environment', `token: "$\{SLUICE_TEST_CANARY}"`),
    secret('broken', `token: "${canaries.broken}\\r\\nx: y"`),
    secret('unused', `a: ${canaries.unused}`),
    `apiVersion: v1\nkind: Secret\nmetadata: { name: binary }\ndata: { token: ${Buffer.from(canaries.binary ?? '').toString('base64')} }\n`,
    `
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec:
  apiKeys:
    - { consumer: one, secretRef: { name: caller, key: key } }
    - { consumer: two, secretRef: { name: hashed, key: key } }
    - { consumer: three, secretRef: { name: broken, key: token } }
    - { consumer: four, secretRef: { name: unused, key: absent } }
  jwt:
    - { issuer: '${issuer}', audiences: [sluice], consumerClaim: sub, jwks: { inline: '${JSON.stringify({ keys: [signer.jwk] })}' } }
`,
    model('m1', 'upstream'),
    model('m-header', 'upstream', `  headers: { set: [{ name: x-api-key, value: ${canaries.header} }] }\n`),
    model('m-environment', 'environment'),
    model('m-binary', 'binary'),
    model('m-broken', 'broken'),
    `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: unknown-field }
spec: { modelName: x, modelProvider: OpenAI, modelType: LLM, credentials: { type: APIKey, apiKey: ${canaries.unknownField} } }
`,
    `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: svc }
spec: { path: /svc, targetService: '${url}' }
`,
    `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: limited }
spec: { path: /limited, targetService: '${url}', rateLimit: { requestsPerHour: 1 } }
`,
  ].join('\n---\n')
}

const findLeaks = (text: string, names?: readonly string[]) => findCanaries(canaries, text, names)

let backend: ScriptedBackend
let served: ServedProcess
/** Every byte that a client or an operator was given. */
const given: string[] = []

beforeAll(async () => {
  process.env.SLUICE_TEST_CANARY = canaries.environment
  backend = await createScriptedBackend()
  served = await serveProcess(renderManifests(backend.url), [
    '--log-level',
    'trace',
    '--drain-delay',
    '0s',
    '--drain-timeout',
    '1s',
    // Nobody is there: what is said of it is said in the log.
    '--redis',
    `redis://sluice:${canaries.redis}@127.0.0.1:1`,
  ])
}, 30_000)
afterAll(async () => {
  delete process.env.SLUICE_TEST_CANARY
  await served.stop()
  await backend.close()
})

const key = { authorization: `Bearer ${caller}` }
const json = { ...key, 'content-type': 'application/json' }

function chat(model: string, headers: Readonly<Record<string, string>> = json, fields: object = {}): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: canaries.prompt }], ...fields })
  return renderRequest('POST', `/v1/chat/completions?api_key=${canaries.query}`, headers, body)
}

/** What the client reads until its answer is whole or its connection gone; kept. */
async function ask(bytes: string): Promise<number> {
  const client = await connectRaw(served.port)
  try {
    await client.write(bytes)
    const response = await client.readResponse()
    return response.status
  } finally {
    given.push(client.text)
    client.socket.destroy()
  }
}

async function fetchAdmin(path: string): Promise<string> {
  const text = await (await fetch(`${served.adminUrl}${path}`)).text()
  given.push(text)
  return text
}

function run(...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [mainPath, ...args], (_error, stdout, stderr) => resolve(stdout + stderr))
  })
}

/** A backend that says back all it was told. */
const echoes: Readonly<Record<string, (head: string, connection: BackendConnection) => Promise<void>>> = {
  'a 401 that quotes the key': (head, to) =>
    to.write(renderJsonResponse(401, { error: { message: `bad key ${head}` } })),
  'a 403 that quotes the key': (head, to) =>
    to.write(renderJsonResponse(403, { error: { message: `bad key ${head}` } })),
  'a redirect with the key': (head, to) =>
    to.write(
      renderHead('HTTP/1.1 302 Found', { location: `http://x/?k=${encodeURIComponent(head)}`, 'content-length': '0' }),
    ),
  'a page that quotes the key': (head, to) =>
    to.write(
      `${renderHead('HTTP/1.1 500 Oops', { 'content-type': 'text/html', 'content-length': `${head.length}` })}${head}`,
    ),
  'a broken head that quotes the key': (head, to) => to.write(`HTTP/1.1 200 OK\r\nx-y z: ${head}`),
  'a bad length that quotes the key': (head, to) =>
    to.write(`HTTP/1.1 200 OK\r\ncontent-length: ${head.replaceAll('\r\n', ' ').slice(0, 500)}\r\n\r\n`),
  'a status line that quotes the key': (head, to) =>
    to.write(`HTTP/1.1 200 ${head.replaceAll('\r\n', ' ')}\x01\r\n\r\n`),
  'a type that quotes the key': (head, to) =>
    to.write(`HTTP/1.1 200 OK\r\ncontent-type: ${head.replaceAll('\r\n', ' ')}\r\ncontent-length: 0\r\n\r\n`),
  'half an answer that quotes the key': async (head, to) => {
    await to.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n{"x":"${head}`)
    to.end()
  },
  'half an event that quotes the key': async (head, to) => {
    await to.write(renderStreamHead())
    await to.write(renderChunk('data: {"choices":[]}\n\n'))
    await to.write(renderChunk(`data: {"x":"${head.replaceAll('\r\n', ' ')}`))
    to.reset()
  },
  'a bad chunk that quotes the key': async (head, to) => {
    await to.write(renderStreamHead())
    await to.write(`${head.replaceAll('\r\n', ' ')}\r\n`)
  },
  silence: async () => {},
  'a reset': async (_head, to) => to.reset(),
}

describe('while things go wrong', () => {
  test.each(Object.entries(echoes))('upstream: %s', async (_, act) => {
    const answer = ask(chat('m1', json, { stream: true }))
    const request = await backend.nextRequest()
    await act(request.message.head.toString('latin1'), request.connection)
    expect([200, 502, 504]).toContain(await answer)
  })

  test('the client: wrong keys, broken requests, too many of them', async () => {
    const { wrongKey } = canaries
    expect(await ask(chat('m1', { authorization: `Bearer ${wrongKey}`, 'content-type': 'application/json' }))).toBe(401)
    expect(await ask(chat('m1', { 'x-api-key': `${wrongKey}`, 'content-type': 'application/json' }))).toBe(401)
    expect(await ask(chat('m1', { authorization: `Basic ${wrongKey}` }))).toBe(401)
    expect(await ask(chat('m1', { ...json, 'x-api-key': `${wrongKey}` }))).toBe(401)
    expect(await ask(chat('unknown'))).toBe(404)
    expect(await ask(chat('m1', { ...key, 'content-type': 'text/plain' }))).toBe(415)
    expect(
      await ask(renderRequest('POST', '/v1/chat/completions', json, `{"model":"m1","x":"${canaries.prompt}`)),
    ).toBe(400)
    expect(await ask(renderRequest('GET', `/nowhere?k=${canaries.query}`, key))).toBe(404)
    expect(await ask(renderRequest('GET', '/svc/x', { ...key, host: 'a b' }))).toBe(400)
    expect(await ask(`GET /svc/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${caller}\r\nbad header\r\n\r\n`)).toBe(
      400,
    )
    expect(await ask(renderRequest('GET', '/svc/x', { ...key, 'x-long': 'x'.repeat(40_000) }))).toBe(431)
    expect(await ask(renderRequest('CONNECT', 'x:1', key))).toBe(405)
    const limited = ask(renderRequest('GET', '/limited/x', key))
    const { connection } = await backend.nextRequest()
    await connection.write(renderJsonResponse(200, {}))
    expect(await limited).toBe(200)
    expect(await ask(renderRequest('GET', '/limited/x', { 'api-key': hashedCaller }))).toBe(429)
  })

  test('tokens: a good one, a tampered one, one cut short, two at once', async () => {
    const bearer = (value: string) => ({ authorization: `Bearer ${value}`, 'content-type': 'application/json' })
    const answer = ask(chat('m1', bearer(token)))
    const request = await backend.nextRequest()
    await request.connection.write(renderJsonResponse(200, { choices: [] }))
    expect(await answer).toBe(200)
    expect(findLeaks(request.message.head.toString('latin1'), ['token', 'tokenClaims', 'tokenSignature'])).toEqual([])
    for (const value of [tamperedToken, token.slice(0, -9), `${token}.${token}`, `${token} ${token}`, `x${token}`]) {
      expect(await ask(chat('m1', bearer(value)))).toBe(401)
    }
    expect(await ask(chat('m1', { ...bearer(token), 'x-api-key': caller }))).toBe(401)
  })

  test('the client leaves', async () => {
    const client = await connectRaw(served.port)
    await client.write(chat('m1', json, { stream: true }))
    await backend.nextRequest()
    client.reset()
    await until(() => served.readOutput().includes('"client_closed"'), 'it is logged')
  })

  test('the configuration: a bad Secret, a field that does not exist, a file that is no YAML', async () => {
    expect([500, 503]).toContain(await ask(chat('m-broken')))
    await writeFile(
      join(served.folder, 'broken.yaml'),
      `apiVersion: v1\nkind: Secret\nmetadata: { name: z }\nstringData:\n  a: ${canaries.brokenFile}\n  b: [ ${canaries.brokenFile}\n`,
    )
    await until(() => served.readOutput().includes('broken.yaml'), 'it is logged')
    await writeFile(
      join(served.folder, 'broken.yaml'),
      `apiVersion: v1\nkind: Secret\nmetadata: { name: z }\nstringData: { a: [${canaries.brokenFile}], b: "\${${canaries.brokenFile}_UNSET}" }\ndata: { c: "${canaries.brokenFile}!" }\n`,
    )
    const count = () => served.readOutput().split('broken.yaml').length
    const before = count()
    await until(() => count() > before, 'the next one is logged too')
  })

  test('each upstream sees its own credential, and never the caller’s', async () => {
    const credentials: Record<string, string | undefined> = {
      m1: canaries.upstream,
      'm-environment': canaries.environment,
      'm-binary': canaries.binary,
    }
    for (const [model, credential] of Object.entries(credentials)) {
      const answer = ask(chat(model))
      const request = await backend.nextRequest()
      expect(request.header('authorization')).toBe(`Bearer ${credential}`)
      await request.connection.write(renderJsonResponse(200, { choices: [] }))
      expect(await answer).toBe(200)
    }
    const presented: readonly Headers[] = [
      key,
      { 'x-api-key': caller },
      { 'api-key': caller },
      { 'X-Api-Key': hashedCaller },
    ]
    for (const headers of presented) {
      const answer = ask(renderRequest('GET', '/svc/x', headers))
      const request = await backend.nextRequest()
      await request.connection.write(renderJsonResponse(200, {}))
      expect(await answer).toBe(200)
      expect(request.message.rawHeaders.map(([name]) => name)).not.toContain('authorization')
    }
    const heads = backend.requests.map((request) => request.message.head.toString('latin1')).join('')
    expect(
      findLeaks(heads, ['caller', 'hashedCaller', 'digestOfCaller', 'digestOfHashedCaller', 'unused', 'broken']),
    ).toEqual([])
  })
})

describe('afterwards', () => {
  test('the admin port has told none', async () => {
    for (const path of ['/metrics', '/config', '/readyz', '/healthz', '/openapi.json', '/nowhere?x=1'])
      await fetchAdmin(path)
    const config = await fetchAdmin('/config')
    expect(config).toContain('"m-environment"')
    for (const presented of [caller, hashedCaller, canaries.wrongKey, token, tamperedToken]) {
      const query = new URLSearchParams({ path: '/svc/x', key: presented ?? '' })
      await fetchAdmin(`/explain?${query}`)
      await fetchAdmin(`/explain?${new URLSearchParams({ model: 'm1', key: presented ?? '' })}`)
    }
    expect(given.length).toBeGreaterThan(30)
    for (const text of given) expect([findLeaks(text), text.slice(0, 300)]).toEqual([[], text.slice(0, 300)])
  })

  test('validate and explain print none', async () => {
    const printed = [
      await run('validate', served.folder),
      await run('explain', '--config', join(served.folder, 'manifests.yaml'), '--path', '/svc/x', '--key', caller),
      await run(
        'explain',
        '--config',
        join(served.folder, 'manifests.yaml'),
        '--model',
        'm1',
        '--key',
        canaries.wrongKey ?? '',
      ),
      await run('explain', '--config', served.folder, '--model', 'm-broken', '--key', caller),
    ]
    expect(printed[0]).toContain('spec.credentials.apiKey: unknown field')
    expect(printed[1]).toContain('default/svc')
    for (const text of printed) expect([findLeaks(text), text.slice(0, 2000)]).toEqual([[], text.slice(0, 2000)])
  })

  test('the process has written none, to its end', async () => {
    served.process.kill('SIGTERM')
    expect((await served.exited).code).toBe(0)
    const output = served.readOutput()
    expect(output).toContain('"upstream_invalid_response"')
    expect(output).toContain('"rate_limit_exceeded"')
    const leaking = output.split('\n').filter((line) => findLeaks(line).length > 0)
    expect(leaking).toEqual([])
  })
})
