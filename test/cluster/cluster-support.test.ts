// The control plane that other tests stand on does what its README promises.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeCluster, shareCluster, startOwnCluster } from '../support/cluster/describe-cluster.ts'
import type { Cluster } from '../support/cluster/start-cluster.ts'
import { until } from '../support/until.ts'

/** For a machine that does much else at the same time. */
const patienceMs = 20_000

const readNamespace = (cluster: Cluster, name: string) =>
  cluster.api('GET', `/api/v1/namespaces/${name}`, { timeoutMs: 500 })

describeCluster('the shared control plane', () => {
  test('creates namespaces and answers kubectl', async () => {
    const cluster = shareCluster()
    const namespace = await cluster.createNamespace('support')
    const result = await cluster.kubectl(['get', 'namespace', namespace, '-o', 'name'])
    expect(result).toEqual({ stdout: `namespace/${namespace}\n`, stderr: '', code: 0 })
  })

  test('reads manifests from stdin and returns refusals as results', async () => {
    const cluster = shareCluster()
    const namespace = await cluster.createNamespace('support')
    const apply = ['apply', '-n', namespace, '-f', '-']
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\ndata: { a: "1" }\n'
    expect(await cluster.kubectl(apply, { stdin: manifest })).toMatchObject({ code: 0, stderr: '' })
    const refused = await cluster.kubectl(apply, { stdin: manifest.replace('name: one', 'name: One') })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('lowercase RFC 1123')
  })

  test('serves every resource Sluice reads once the CRDs are applied, and applies them again', async () => {
    const cluster = shareCluster()
    await cluster.applyCrds()
    await cluster.applyCrds()
    const { stdout } = await cluster.kubectl(['api-resources', '--no-headers', '-o', 'name'])
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'aimodels.ai.example.com',
        'aigatewayroutes.ai.example.com',
        'aiauthpolicies.ai.example.com',
        'llmmodelconfigs.llm.example.com',
        'referencegrants.gateway.networking.k8s.io',
      ]),
    )
  })

  test('gives plain users what RBAC grants them and no more', async () => {
    const cluster = shareCluster()
    const namespace = await cluster.createNamespace('support')
    const get = ['get', 'secrets', '-n', namespace]
    const refused = await cluster.kubectl(get, { user: 'alice' })
    expect(refused.stderr).toContain('User "alice" cannot list resource "secrets"')
    await cluster.kubectl(['create', 'role', 'read', '--verb=list', '--resource=secrets', '-n', namespace])
    await cluster.kubectl(['create', 'rolebinding', 'read', '--role=read', '--group=testers', '-n', namespace])
    await until(async () => (await cluster.kubectl(get, { user: 'alice' })).code === 0, 'the grant works', patienceMs)
    expect((await cluster.kubectl(get, { user: 'bob' })).code).toBe(1)
  })
})

describeCluster('a control plane of a test’s own', () => {
  let cluster: Cluster

  beforeAll(async () => {
    cluster = await startOwnCluster({ controllerManager: true })
  })
  afterAll(() => cluster?.stop())

  test('runs controllers', async () => {
    const namespace = await cluster.createNamespace()
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`
    await until(async () => (await cluster.api('GET', path)).status === 200, 'its service account', patienceMs)
  })

  test('goes silent while paused and answers again after', async () => {
    const namespace = await cluster.createNamespace()
    cluster.pauseApiServer()
    await expect(readNamespace(cluster, namespace)).rejects.toThrow('no answer')
    cluster.resumeApiServer()
    await until(async () => (await cluster.api('GET', '/readyz')).status === 200, 'an answer', patienceMs)
    expect((await readNamespace(cluster, namespace)).status).toBe(200)
  })

  test('keeps data, port and certificate over a kill and a restart', async () => {
    const namespace = await cluster.createNamespace()
    const { apiServer } = cluster.readPids()
    await cluster.killApiServer()
    await expect(readNamespace(cluster, namespace)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/)
    await cluster.restartApiServer()
    expect(cluster.readPids().apiServer).not.toBe(apiServer)
    expect((await readNamespace(cluster, namespace)).status).toBe(200)
  })

  test('leaves no process and no folder when stopped', async () => {
    const { folder } = cluster
    const pids = Object.values(cluster.readPids())
    await cluster.stop()
    expect(pids.filter((pid) => pid !== null && isAlive(pid))).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })
})

describeCluster('a control plane whose owner is killed', () => {
  let owner: ChildProcess | null = null

  afterAll(() => owner?.kill('SIGKILL'))

  test('is killed with it, a paused server included, and its folder removed', async () => {
    const started = Promise.withResolvers<{ folder: string; pids: number[] }>()
    owner = spawn(process.execPath, [join(import.meta.dirname, '../support/cluster/start-for-owner.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    owner.stdout?.once('data', (line: Buffer) => started.resolve(JSON.parse(line.toString())))
    owner.once('exit', (code) => started.reject(new Error(`the owner ended by itself: ${code}`)))
    const { folder, pids } = await started.promise
    expect(pids.filter(isAlive)).toEqual(pids)
    owner.kill('SIGKILL')
    await until(() => !pids.some(isAlive) && !existsSync(folder), 'all servers and the reaper are gone', patienceMs)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
