// The Kubernetes source on a real API server: what is written is read, and no failure of the server loses anything.
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createKubernetesSource, type KubernetesSourceOptions } from '../../src/config/kubernetes/kubernetes-source.ts'
import type { Source } from '../../src/config/source.ts'
import type { ClusterClient } from '../support/cluster/cluster-client.ts'
import { describeCluster, shareCluster, startOwnCluster } from '../support/cluster/describe-cluster.ts'
import type { Cluster } from '../support/cluster/start-cluster.ts'
import { until } from '../support/until.ts'
import { startStallingProxy } from './stalling-proxy.ts'

async function startSource(
  cluster: ClusterClient,
  options: Partial<KubernetesSourceOptions> = {},
): Promise<{ source: Source; logLines: string[]; readDirtyCount(): number }> {
  const logLines: string[] = []
  const log = (fields: object, message: string) => logLines.push(JSON.stringify({ ...fields, message }))
  const logger = { info: log, warn: log }
  const source = createKubernetesSource({ kubeconfigPath: cluster.kubeconfigPath, namespaces: [], logger, ...options })
  onTestFinished(() => source.stop())
  let dirtyCount = 0
  await source.start(() => {
    dirtyCount += 1
  })
  return { source, logLines, readDirtyCount: () => dirtyCount }
}

/** The admin's kubeconfig, but through a proxy on this port; returns its path. */
async function writeProxyKubeconfig(cluster: ClusterClient, port: number): Promise<string> {
  const config = JSON.parse(await readFile(cluster.kubeconfigPath, 'utf8'))
  config.clusters[0].cluster.server = `https://127.0.0.1:${port}`
  const path = join(cluster.kubeconfigPath, '..', `through-${port}`)
  await writeFile(path, JSON.stringify(config))
  return path
}

const routePath = (namespace: string, name = '') =>
  `/apis/ai.example.com/v1/namespaces/${namespace}/aigatewayroutes${name === '' ? '' : `/${name}`}`

function makeRoute(name: string, path: string): object {
  const spec = { path, targetService: 'svc' }
  return { apiVersion: 'ai.example.com/v1', kind: 'AIGatewayRoute', metadata: { name }, spec }
}

async function createRoute(cluster: ClusterClient, namespace: string, name: string): Promise<void> {
  const { status, text } = await cluster.api('POST', routePath(namespace), { body: makeRoute(name, `/${name}`) })
  if (status !== 201) throw new Error(`${status} ${text}`)
}

function readRoutes(source: Source, namespace: string) {
  return source.read().aiGatewayRoutes.filter(({ metadata }) => metadata.namespace === namespace)
}

const readRouteNames = (source: Source, namespace: string) =>
  readRoutes(source, namespace).map(({ metadata }) => metadata.name)

describeCluster('the Kubernetes source', () => {
  let cluster: ClusterClient

  beforeAll(async () => {
    cluster = shareCluster()
    await cluster.applyCrds()
  })

  test('objects come, change and go', async () => {
    const namespace = await cluster.createNamespace()
    await createRoute(cluster, namespace, 'before')
    const { source } = await startSource(cluster)
    await until(() => source.isSynced(), 'synced')
    expect(source.readProblems()).toEqual([])
    expect(readRouteNames(source, namespace)).toEqual(['before'])
    const before = readRoutes(source, namespace)[0]
    expect(before?.spec.pathType).toBe('Prefix')
    expect(before?.metadata).not.toHaveProperty('managedFields')

    await createRoute(cluster, namespace, 'after')
    await until(() => readRoutes(source, namespace).length === 2, 'it came')
    const body = { spec: { path: '/changed' } }
    const contentType = 'application/merge-patch+json'
    const patched = await cluster.api('PATCH', routePath(namespace, 'after'), { body, contentType })
    expect(patched.status).toBe(200)
    await until(() => readRoutes(source, namespace).some(({ spec }) => spec.path === '/changed'), 'it changed')
    expect(readRoutes(source, namespace).find(({ metadata }) => metadata.name === 'before')).toBe(before)
    await cluster.api('DELETE', routePath(namespace, 'after'))
    await until(() => readRoutes(source, namespace).length === 1, 'it went')
  })

  test('Secrets are read as stored, but for those of Helm releases', async () => {
    const namespace = await cluster.createNamespace()
    const { source } = await startSource(cluster, { namespaces: [namespace] })
    await until(() => source.isSynced(), 'synced')
    const create = (name: string, type: string) => {
      const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, data: { key: 'dmFsdWU=' } }
      return cluster.api('POST', `/api/v1/namespaces/${namespace}/secrets`, { body })
    }
    await create('release', 'helm.sh/release.v1')
    await create('key', 'Opaque')
    await until(() => source.read().secrets.length > 0, 'the Secret')
    expect(source.read().secrets.map(({ metadata, data }) => [metadata.name, data])).toEqual([
      ['key', { key: 'dmFsdWU=' }],
    ])
  })

  test('five hundred writes in a burst: none is lost', async () => {
    const namespace = await cluster.createNamespace()
    const { source } = await startSource(cluster, { namespaces: [namespace] })
    await until(() => source.isSynced(), 'synced')
    const names = Array.from({ length: 150 }, (_, index) => `r${index}`)
    const contentType = 'application/merge-patch+json'
    await Promise.all(
      names.map(async (name, index) => {
        await createRoute(cluster, namespace, name)
        for (const path of ['/one', '/two']) {
          await cluster.api('PATCH', routePath(namespace, name), { body: { spec: { path } }, contentType })
        }
        if (index % 3 === 0) await cluster.api('DELETE', routePath(namespace, name))
      }),
    )
    const list = await cluster.kubectl([
      'get',
      'aigatewayroutes',
      '-n',
      namespace,
      '-o',
      'jsonpath={range .items[*]}{.metadata.name}={.metadata.resourceVersion} {end}',
    ])
    const wanted = list.stdout.trim().split(' ').sort().join(' ')
    const readVersions = () =>
      readRoutes(source, namespace)
        .map(({ metadata }) => `${metadata.name}=${metadata.resourceVersion}`)
        .sort()
        .join(' ')
    await until(() => readVersions() === wanted, 'the same as the server has', 10_000)
    expect(readRoutes(source, namespace)).toHaveLength(100)
    expect(readRoutes(source, namespace).every(({ spec }) => spec.path === '/two')).toBe(true)
  })

  test('in namespaced mode, rights in those namespaces are enough; without them each kind is refused by name', async () => {
    const [mine, other] = [await cluster.createNamespace(), await cluster.createNamespace()]
    const resources = 'aimodels.ai.example.com,aigatewayroutes.ai.example.com,aiauthpolicies.ai.example.com'
    const more = 'llmmodelconfigs.llm.example.com,secrets,referencegrants.gateway.networking.k8s.io'
    const role = ['create', 'role', 'read', '--verb=list,watch', `--resource=${resources},${more}`, '-n', mine]
    expect((await cluster.kubectl(role)).stderr).toBe('')
    await cluster.kubectl(['create', 'rolebinding', 'read', '--role=read', '--user=bob', '-n', mine])
    const kubeconfigPath = cluster.kubeconfigPaths.bob ?? ''
    const { source } = await startSource(cluster, { kubeconfigPath, namespaces: [mine] })
    await until(() => source.isSynced(), 'synced', 10_000)
    // A role of before: Services are looked up in DNS, and that is said.
    expect(source.readProblems().map(({ location }) => location)).toEqual([
      `kubernetes services in ${mine}`,
      `kubernetes endpointslices in ${mine}`,
    ])
    await createRoute(cluster, other, 'theirs')
    await createRoute(cluster, mine, 'mine')
    await until(() => source.read().aiGatewayRoutes.length > 0, 'the route')
    expect(source.read().aiGatewayRoutes.map(({ metadata }) => metadata.name)).toEqual(['mine'])

    const refused = await startSource(cluster, { kubeconfigPath, namespaces: [other] })
    expect(refused.source.isSynced()).toBe(false)
    const problems = refused.source.readProblems()
    expect(problems).toHaveLength(8)
    expect(problems[0]?.location).toBe(`kubernetes aimodels in ${other}`)
    expect(problems[0]?.reason).toMatch(/^HTTP 403: aimodels.* is forbidden: User "bob" cannot list/)
    const token = cluster.tokens.bob ?? 'no token'
    expect(JSON.stringify(problems) + refused.logLines.join()).not.toContain(token)
  })

  test('a wrong CA and a wrong token are one problem, not one of every kind, and name the server', async () => {
    const text = await readFile(cluster.kubeconfigPath, 'utf8')
    const folder = join(cluster.kubeconfigPath, '..')
    const config = JSON.parse(text)
    config.users[0].user = { token: 'wrong-token-canary' }
    const badToken = join(folder, 'bad-token')
    await writeFile(badToken, JSON.stringify(config))
    const unauthorized = await startSource(cluster, { kubeconfigPath: badToken })
    expect(unauthorized.source.readProblems()).toEqual([
      { location: 'kubernetes', reason: `${cluster.serverUrl}: HTTP 401: Unauthorized` },
    ])
    expect(unauthorized.logLines.join()).not.toContain('wrong-token-canary')
    delete config.clusters[0].cluster['certificate-authority']
    const badCa = join(folder, 'bad-ca')
    await writeFile(badCa, JSON.stringify(config))
    const untrusted = await startSource(cluster, { kubeconfigPath: badCa })
    expect(untrusted.source.readProblems()).toHaveLength(1)
    expect(untrusted.source.readProblems()[0]?.reason).toMatch(/self-signed|unable to (get|verify)/)
  })

  test('a cluster behind an HTTP proxy (proxy-url) is read through it, TLS end to end', async () => {
    const namespace = await cluster.createNamespace()
    await createRoute(cluster, namespace, 'a')
    let tunnelCount = 0
    const proxy = createServer()
    proxy.on('connect', (request, client) => {
      tunnelCount += 1
      const { hostname, port } = new URL(`http://${request.url}`)
      const upstream = connect(Number(port), hostname, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        client.pipe(upstream).pipe(client)
      })
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    onTestFinished(() => {
      proxy.close()
    })
    const address = proxy.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const config = JSON.parse(await readFile(cluster.kubeconfigPath, 'utf8'))
    config.clusters[0].cluster['proxy-url'] = `http://127.0.0.1:${port}`
    const kubeconfigPath = join(cluster.kubeconfigPath, '..', 'with-proxy-url')
    await writeFile(kubeconfigPath, JSON.stringify(config))
    const { source } = await startSource(cluster, { kubeconfigPath, namespaces: [namespace] })
    await until(() => source.isSynced(), 'synced')
    await createRoute(cluster, namespace, 'b')
    await until(() => readRouteNames(source, namespace).join() === 'a,b', 'the watch works')
    expect(tunnelCount).toBeGreaterThan(0)
  })

  test('a network that drops everything (F7): noticed, dialled anew, and what was missed is made up for', async () => {
    const namespace = await cluster.createNamespace()
    await createRoute(cluster, namespace, 'a')
    await createRoute(cluster, namespace, 'b')
    const proxy = await startStallingProxy(Number(new URL(cluster.serverUrl).port))
    onTestFinished(() => proxy.close())
    const kubeconfigPath = await writeProxyKubeconfig(cluster, proxy.port)
    const { source } = await startSource(cluster, {
      kubeconfigPath,
      namespaces: [namespace],
      silenceLimitMs: 2_000,
    })
    await until(() => source.isSynced(), 'synced')
    const kept = readRoutes(source, namespace)[1]
    await createRoute(cluster, namespace, 'c')
    await until(() => readRoutes(source, namespace).length === 3, 'the watch works')
    proxy.stall()
    await cluster.api('DELETE', routePath(namespace, 'a'))
    const isSilenceListed = () => source.readProblems().some(({ reason }) => reason.includes('no byte for 2 s'))
    await until(isSilenceListed, 'the silence is a problem', 15_000)
    await until(() => readRouteNames(source, namespace).join() === 'b,c', 'the missed delete', 15_000)
    expect(readRoutes(source, namespace)[0]).toBe(kept)
    expect(source.isSynced()).toBe(true)
  })
})

describeCluster('the Kubernetes source, when its API server fails', () => {
  let cluster: Cluster

  beforeAll(async () => {
    cluster = await startOwnCluster()
  })
  afterAll(() => cluster?.stop())

  test('CRDs that are installed later are found; a missing ReferenceGrant is no problem', async () => {
    const { source } = await startSource(cluster)
    expect(source.isSynced()).toBe(false)
    expect(source.readProblems().map(({ location, reason }) => `${location} ${reason.slice(0, 8)}`)).toEqual([
      'kubernetes aimodels HTTP 404',
      'kubernetes aigatewayroutes HTTP 404',
      'kubernetes aiauthpolicies HTTP 404',
      'kubernetes llmmodelconfigs HTTP 404',
    ])
    await cluster.applyCrds({ referenceGrants: false })
    await until(() => source.isSynced(), 'synced', 20_000)
    expect(source.readProblems()).toEqual([])
    expect(source.read().referenceGrants).toEqual([])
  })

  test('killed and started again: everything stays, and what comes after is read', async () => {
    const namespace = await cluster.createNamespace()
    await createRoute(cluster, namespace, 'a')
    const { source } = await startSource(cluster)
    await until(() => source.isSynced(), 'synced')
    const kept = readRoutes(source, namespace)[0]
    await cluster.killApiServer()
    await until(() => source.readProblems().length > 0, 'the problem is listed', 10_000)
    expect(source.isSynced()).toBe(true)
    expect(readRoutes(source, namespace)).toEqual([kept])
    await cluster.restartApiServer()
    await createRoute(cluster, namespace, 'b')
    await until(() => readRouteNames(source, namespace).join() === 'a,b', 'the new route', 20_000)
    expect(readRoutes(source, namespace)[0]).toBe(kept)
    await until(() => source.readProblems().length === 0, 'no problem is left', 20_000)
  })

  test('stopped in its tracks (SIGSTOP): noticed, and all is well when it goes on', async () => {
    const namespace = await cluster.createNamespace()
    await createRoute(cluster, namespace, 'a')
    const { source } = await startSource(cluster, { namespaces: [namespace], silenceLimitMs: 2_000 })
    await until(() => source.isSynced(), 'synced')
    const kept = readRoutes(source, namespace)[0]
    cluster.pauseApiServer()
    await until(
      () => source.readProblems().some(({ reason }) => reason.endsWith(': no byte for 2 s')),
      'noticed',
      15_000,
    )
    expect(readRoutes(source, namespace)).toEqual([kept])
    cluster.resumeApiServer()
    await createRoute(cluster, namespace, 'b')
    await cluster.api('DELETE', routePath(namespace, 'a'))
    await until(() => readRouteNames(source, namespace).join() === 'b', 'the change', 20_000)
  })
})

describeCluster('the Kubernetes source, when etcd has forgotten', () => {
  let cluster: Cluster

  beforeAll(async () => {
    // Without its cache the API server hands etcd's own answers through, and etcd forgets every second.
    cluster = await startOwnCluster({ apiServerFlags: ['--watch-cache=false', '--etcd-compaction-interval=1s'] })
    await cluster.applyCrds()
  })
  afterAll(() => cluster?.stop())

  test('a real 410 (F6): lists anew, applies what was missed, and keeps what did not change', async () => {
    const namespace = await cluster.createNamespace()
    for (const name of ['a', 'b']) await createRoute(cluster, namespace, name)
    const proxy = await startStallingProxy(Number(new URL(cluster.serverUrl).port))
    onTestFinished(() => proxy.close())
    const kubeconfigPath = await writeProxyKubeconfig(cluster, proxy.port)
    const { source, logLines } = await startSource(cluster, {
      kubeconfigPath,
      namespaces: [namespace],
      silenceLimitMs: 4_000,
    })
    await until(() => source.isSynced(), 'synced')
    const kept = readRoutes(source, namespace)[1]
    proxy.stall()
    await cluster.api('DELETE', routePath(namespace, 'a'))
    const isListedAnew = async () => {
      // Something must be written for etcd to have something to forget.
      await cluster.api('POST', routePath(namespace), { body: makeRoute('c', '/c') })
      await cluster.api('DELETE', routePath(namespace, 'c'))
      return logLines.some((line) => line.includes('listing anew') && line.includes('HTTP 410'))
    }
    await until(isListedAnew, 'a list after a 410', 25_000)
    await until(() => readRouteNames(source, namespace).join() === 'b', 'the missed delete', 10_000)
    expect(readRoutes(source, namespace)[0]).toBe(kept)
    await createRoute(cluster, namespace, 'd')
    await until(() => readRouteNames(source, namespace).join() === 'b,d', 'the watch goes on', 10_000)
  })
})
