// `sluice serve --kubernetes` as a process against a real API server: the seed as it stands, and what changes.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeCluster, shareCluster } from '../support/cluster/describe-cluster.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'
import { until } from '../support/until.ts'

const auth = (name: string) => `
apiVersion: v1
kind: Secret
metadata: { name: ${name} }
stringData: { key: sk-${name} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: ${name} }
spec:
  apiKeys: [{ consumer: ${name}, secretRef: { name: ${name}, key: key } }]
`

describeCluster('serve --kubernetes', () => {
  let namespace = ''
  let serve: ServeProcess

  const apply = async (yaml: string) => {
    const { code, stderr } = await shareCluster().kubectl(['apply', '-n', namespace, '-f', '-'], { stdin: yaml })
    expect(code, stderr).toBe(0)
  }
  const call = (path: string, body: unknown, key = 'sk-team') =>
    fetch(`${serve.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const chat = { model: 'gemma-2b-it', messages: [{ role: 'user', content: 'hello' }] }

  beforeAll(async () => {
    const cluster = shareCluster()
    await cluster.applyCrds()
    namespace = await cluster.createNamespace()
    for (const file of ['ai-gateway-route', 'ai-model', 'llm-model-config']) {
      await apply(await readFile(`test/seed/${file}.yaml`, 'utf8'))
    }
    const cli = ['--kubernetes', '--kubeconfig', cluster.kubeconfigPath, '--namespace', namespace, '--simulate']
    // The provider's own address must not be asked from a test: it is nowhere.
    serve = await startServe([
      ...cli,
      '--resolve',
      'api.huggingface.co:443=127.0.0.1:1',
      '--allow-upstream',
      '127.0.0.1',
    ])
  })
  afterAll(() => serve?.end())

  test('a closed route with no policy refuses everybody, and says so', async () => {
    expect((await call('/v1/sentiment', { text: 'fine' })).status).toBe(401)
    const config: unknown = await (await fetch(`${serve.adminUrl}/config`)).json()
    expect(JSON.stringify(config)).toContain('NoAuthPolicy')
    expect(serve.readOutput()).toContain('NoAuthPolicy')
  })

  test('the article’s route and models answer once there is a key', async () => {
    await apply(auth('team'))
    await until(async () => (await call('/v1/sentiment', { text: 'I love it' })).status === 200, 'the key is known')
    const sentiment = await call('/v1/sentiment', { text: 'I love it' })
    expect(await sentiment.json()).toMatchObject({ label: 'positive' })
    // One pool of two: the provider, which can't be reached, and the in-cluster model. No client sees the difference.
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('/v1/chat/completions', chat)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    const targets = new Set(answers.map(({ headers }) => headers.get('x-sluice-target')))
    expect(targets).toEqual(new Set([`${namespace}/gemma-2b-inference`]))
  })

  test('a revoked key stops working within a second, an issued one starts', async () => {
    await apply(auth('other'))
    await until(async () => (await call('/v1/chat/completions', chat, 'sk-other')).status === 200, 'the new key works')
    await shareCluster().kubectl(['delete', 'secret', 'other', '-n', namespace])
    const revoked = async () => (await call('/v1/chat/completions', chat, 'sk-other')).status === 401
    await until(revoked, 'the key is refused', 1_000)
  })

  test('a bad update keeps the last good version, a good one takes over (F1)', async () => {
    const route = (target: string) => `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: changing }
spec: { path: /v1/changing, targetService: ${target}, authentication: false }
`
    await apply(route('simulated.default.svc.cluster.local/v1'.replace('/v1', '')))
    const ask = () => call('/v1/changing/sentiment', { text: 'fine' })
    await until(async () => (await ask()).status === 200, 'the route serves')
    // Passes the schema, means nothing: the port.
    await apply(route('simulated.default.svc.cluster.local:99999'))
    const isDegraded = () => serve.readOutput().includes('LastGoodServing')
    await until(isDegraded, 'the log names the bad update', 2_000)
    expect((await ask()).status).toBe(200)
    await apply(route('other.default.svc.cluster.local'))
    await until(
      () => serve.readOutput().includes(`AIGatewayRoute ${namespace}/changing: in order again`),
      'it is mended',
    )
    expect((await ask()).status).toBe(200)
  })

  test('a deleted route is gone within a second (F2)', async () => {
    await shareCluster().kubectl(['delete', 'aigr', 'changing', '-n', namespace])
    await until(async () => (await call('/v1/changing/sentiment', {})).status === 404, '404', 1_000)
  })
})
