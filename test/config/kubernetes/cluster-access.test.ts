// Which cluster, and with what credentials: kubectl's rules. Bad configuration is one line without a secret in it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createApiClient } from '../../../src/config/kubernetes/api-client.ts'
import { readApiCredentials } from '../../../src/config/kubernetes/api-credentials.ts'
import { systemClock } from '../../../src/config/kubernetes/clock.ts'
import { loadKubeconfig } from '../../../src/config/kubernetes/load-kubeconfig.ts'
import { until } from '../../support/until.ts'
import { FakeClock } from './fake-clock.ts'
import { ScriptedApiServer } from './scripted-api-server.ts'
import { renderKubeconfig } from './source-fixture.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-access-'))
  vi.stubEnv('KUBECONFIG', '')
  vi.stubEnv('HOME', folder)
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function writeFileIn(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const server = 'https://cluster.example:6443'

function catchLines(load: () => unknown): readonly string[] {
  try {
    load()
  } catch (error) {
    if (error instanceof Error && 'lines' in error && Array.isArray(error.lines)) return error.lines
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('which configuration', () => {
  test('--kubeconfig wins over KUBECONFIG', async () => {
    vi.stubEnv('KUBECONFIG', await writeFileIn('other', renderKubeconfig('https://other.example')))
    const kubeconfigPath = await writeFileIn('mine', renderKubeconfig(server))
    expect(loadKubeconfig({ kubeconfigPath }).getCurrentCluster()?.server).toBe(server)
  })

  test('KUBECONFIG may list files: missing ones are skipped, the first to name something wins', async () => {
    const first = await writeFileIn('first', renderKubeconfig('https://first.example'))
    const extra = JSON.parse(renderKubeconfig('https://loser.example'))
    extra.clusters.push({ name: 'extra', cluster: { server: 'https://extra.example' } })
    extra.contexts.push({ name: 'there', context: { cluster: 'extra', user: 'me' } })
    const second = await writeFileIn('second', JSON.stringify(extra))
    vi.stubEnv('KUBECONFIG', [join(folder, 'missing'), first, second].join(delimiter))
    expect(loadKubeconfig({}).getCurrentCluster()?.server).toBe('https://first.example')
    expect(loadKubeconfig({ context: 'there' }).getCurrentCluster()?.server).toBe('https://extra.example')
  })

  test('nothing at all is one line that says what to do', () => {
    expect(catchLines(() => loadKubeconfig({}))).toEqual([
      'no Kubernetes cluster is configured: give --kubeconfig, set KUBECONFIG, or run in a pod with a service account',
    ])
  })

  test('a context that is not there is named, with those that are', async () => {
    const kubeconfigPath = await writeFileIn('config', renderKubeconfig(server))
    expect(catchLines(() => loadKubeconfig({ kubeconfigPath, context: 'prod' }))).toEqual([
      `kubeconfig ${kubeconfigPath}: there is no context "prod" (there are: here)`,
    ])
  })

  test.each([
    ['no current-context', { 'current-context': undefined }, 'no current-context is set'],
    ['a missing cluster', { clusters: [] }, 'names cluster "scripted", which is not defined'],
    ['a missing user', { users: [] }, 'names user "me", which is not defined'],
    ['no server', { clusters: [{ name: 'scripted', cluster: { server: 'nonsense' } }] }, 'has no valid server address'],
    [
      'a SOCKS proxy',
      { clusters: [{ name: 'scripted', cluster: { server, 'proxy-url': 'socks5://p:1080' } }] },
      'of proxy-url only http and https are supported',
    ],
  ])('%s is one line', async (_, change, expected) => {
    const config = { ...JSON.parse(renderKubeconfig(server)), ...change }
    const kubeconfigPath = await writeFileIn('config', JSON.stringify(config))
    const lines = catchLines(() => loadKubeconfig({ kubeconfigPath }))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(expected)
  })

  test('a broken file is one line that quotes nothing of it', async () => {
    const kubeconfigPath = await writeFileIn('config', 'users:\n- {name: me, user: {token: canary-token}\n  x: [')
    const lines = catchLines(() => loadKubeconfig({ kubeconfigPath }))
    expect(lines).toEqual([`kubeconfig ${kubeconfigPath}: not a valid kubeconfig file`])
  })
})

describe('with what credentials', () => {
  async function readWith(user: object, more: object = {}) {
    const config = JSON.parse(renderKubeconfig(server, user))
    Object.assign(config.clusters[0].cluster, more)
    const kubeconfigPath = await writeFileIn('config', JSON.stringify(config))
    return readApiCredentials(loadKubeconfig({ kubeconfigPath }))
  }

  test('a token', async () => {
    expect((await readWith({ token: 'abc' })).headers.authorization).toBe('Bearer abc')
  })

  test('a token file, relative to the kubeconfig, without its line end', async () => {
    await writeFileIn('token', 'from-file\n')
    expect((await readWith({ tokenFile: 'token' })).headers.authorization).toBe('Bearer from-file')
  })

  test('user name and password', async () => {
    const { headers } = await readWith({ username: 'me', password: 'pw' })
    expect(headers.authorization).toBe(`Basic ${Buffer.from('me:pw').toString('base64')}`)
  })

  test('an exec plugin', async () => {
    const credential = { kind: 'ExecCredential', status: { token: 'from-plugin' } }
    const args = ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`]
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args }
    expect((await readWith({ exec })).headers.authorization).toBe('Bearer from-plugin')
  })

  test('CA, client certificate, server name, and no verification only when asked', async () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') }
    const { tls } = await readWith(user, { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'name' })
    expect(tls).toEqual({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      servername: 'name',
    })
    expect((await readWith({}, { 'insecure-skip-tls-verify': true })).tls.rejectUnauthorized).toBe(false)
  })

  test('a context without a user still has its CA', async () => {
    const config = JSON.parse(renderKubeconfig(server))
    config.contexts[0].context.user = ''
    config.clusters[0].cluster['certificate-authority-data'] = Buffer.from('CA').toString('base64')
    const kubeconfigPath = await writeFileIn('config', JSON.stringify(config))
    const { headers, tls } = await readApiCredentials(loadKubeconfig({ kubeconfigPath }))
    expect(headers).toEqual({})
    expect(tls).toEqual({ ca: Buffer.from('CA') })
  })

  test('none over plain HTTP, as kubectl', async () => {
    const scripted = await new ScriptedApiServer().listen()
    const kubeconfigPath = await writeFileIn('config', renderKubeconfig(`${scripted.url}/under/a/path/`))
    const client = createApiClient(() => loadKubeconfig({ kubeconfigPath }), systemClock)
    onTestFinished(async () => {
      await client.close()
      await scripted.goDown()
    })
    let status = 0
    const onHead = (code: number) => {
      status = code
    }
    client.get('/api/v1/secrets', { onHead, onChunk: () => {}, onEnd: () => {} })
    const request = await scripted.next()
    expect(request.headers.authorization).toBe(undefined)
    expect(request.url.pathname).toBe('/under/a/path/api/v1/secrets')
    request.sendStatus(200)
    await until(() => status === 200, 'the answer')
  })

  test('after a 401 the configuration is read anew, but not more often than every 10 s', async () => {
    const scripted = await new ScriptedApiServer().listen()
    const clock = new FakeClock()
    let loadCount = 0
    const client = createApiClient(() => {
      loadCount += 1
      if (loadCount === 3) throw new Error('half written')
      return scripted.loadKubeConfig()
    }, clock)
    onTestFinished(async () => {
      await client.close()
      await scripted.goDown()
    })
    const getUnauthorized = async () => {
      const ended = Promise.withResolvers<Error | null>()
      client.get('/api', { onHead: () => {}, onChunk: () => {}, onEnd: ended.resolve })
      ;(await scripted.next()).sendStatus(401)
      expect(await ended.promise).toBe(null)
    }
    await getUnauthorized()
    expect(loadCount).toBe(1)
    for (const expected of [2, 3, 4]) {
      clock.advance(10_000)
      await getUnauthorized()
      await getUnauthorized()
      expect(loadCount).toBe(expected)
    }
  })

  test('a certificate that is none is an error of the call, not of the process', async () => {
    const config = JSON.parse(renderKubeconfig('https://127.0.0.1:1'))
    const bad = '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n'
    config.users[0].user['client-certificate-data'] = Buffer.from(bad).toString('base64')
    config.users[0].user['client-key-data'] = Buffer.from('nonsense').toString('base64')
    const kubeconfigPath = await writeFileIn('config', JSON.stringify(config))
    const client = createApiClient(() => loadKubeconfig({ kubeconfigPath }), systemClock)
    const failure = Promise.withResolvers<Error | null>()
    client.get('/api', { onHead: () => {}, onChunk: () => {}, onEnd: failure.resolve })
    expect(await failure.promise).toBeInstanceOf(Error)
    await client.close()
  })

  test('six calls at once run an exec plugin once', async () => {
    const runs = join(folder, 'runs')
    const credential = JSON.stringify({ kind: 'ExecCredential', status: { token: 'once' } })
    const script = `require('node:fs').appendFileSync(${JSON.stringify(runs)}, 'run\\n'); console.log(${JSON.stringify(credential)})`
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', script] }
    const kubeconfigPath = await writeFileIn('config', renderKubeconfig('https://127.0.0.1:1', { exec }))
    const client = createApiClient(() => loadKubeconfig({ kubeconfigPath }), systemClock)
    const ends = Array.from({ length: 6 }, () => {
      const ended = Promise.withResolvers<Error | null>()
      client.get('/api', { onHead: () => {}, onChunk: () => {}, onEnd: ended.resolve })
      return ended.promise
    })
    for (const error of await Promise.all(ends)) expect(error?.message).toContain('ECONNREFUSED')
    expect(await readFile(runs, 'utf8')).toBe('run\n')
    await client.close()
  })

  test('a plugin that fails is one line of problem, without what looks like a token', async () => {
    const args = ['-e', `console.error('no login ${'x'.repeat(60)}\\nmore'); process.exit(3)`]
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args }
    const kubeconfigPath = await writeFileIn('config', renderKubeconfig(server, { exec }))
    const client = createApiClient(() => loadKubeconfig({ kubeconfigPath }), systemClock)
    const failure = Promise.withResolvers<Error | null>()
    client.get('/api', { onHead: () => {}, onChunk: () => {}, onEnd: failure.resolve })
    expect((await failure.promise)?.message).toContain('no login')
    await client.close()
  })
})
