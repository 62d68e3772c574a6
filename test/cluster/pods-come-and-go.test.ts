// A Service's pods under load: each gets requests of its own although connections live long, new ones within a second;
// those that go take no request with them. Real EndpointSlices, written as the endpoint slice controller writes them.
import { createServer, type Server } from 'node:http'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeCluster, shareCluster } from '../support/cluster/describe-cluster.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'
import { until } from '../support/until.ts'

/** EndpointSlices take no loopback address: pods are ports of this machine's own. */
const address = Object.values(networkInterfaces())
  .flatMap((entries) => entries ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

type Pod = Readonly<{ port: number; count(): number; sockets(): number; close(): Promise<void> }>

async function startPod(): Promise<Pod> {
  let requests = 0
  let sockets = 0
  const server: Server = createServer((request, response) => {
    requests++
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end('{"ok":true}')
    })
  })
  server.on('connection', (socket) => {
    sockets++
    socket.on('close', () => sockets--)
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    count: () => requests,
    sockets: () => sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}

describeCluster('pods come and go', () => {
  let namespace = ''
  let serve: ServeProcess
  const pods: Pod[] = []

  /** One slice a pod: they differ in their ports. */
  const renderSlice = (pod: Pod, conditions = '{ ready: true, serving: true, terminating: false }') => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: llm-${pod.port}, labels: { kubernetes.io/service-name: llm } }
addressType: IPv4
ports: [{ name: http, port: ${pod.port}, protocol: TCP }]
endpoints: [{ addresses: ["${address}"], conditions: ${conditions} }]
---`
  const apply = async (yaml: string) => {
    const { code, stderr } = await shareCluster().kubectl(['apply', '-n', namespace, '-f', '-'], { stdin: yaml })
    expect(code, stderr).toBe(0)
  }
  const call = () => fetch(`${serve.url}/llm/ask`, { method: 'POST', body: 'x' })

  /** Calls without a pause until `isOver`; the statuses that were not 200. */
  const load = async (isOver: () => boolean): Promise<string[]> => {
    const failures: string[] = []
    const worker = async () => {
      while (!isOver()) {
        const response = await call()
        const text = await response.text()
        if (response.status !== 200) failures.push(`${response.status} ${text}`)
      }
    }
    await Promise.all(Array.from({ length: 4 }, worker))
    return failures
  }

  beforeAll(async () => {
    const cluster = shareCluster()
    await cluster.applyCrds()
    namespace = await cluster.createNamespace()
    pods.push(await startPod(), await startPod())
    await apply(`
apiVersion: v1
kind: Service
metadata: { name: llm }
spec: { ports: [{ name: http, port: 80, targetPort: 8000 }] }
---
${pods.map((pod) => renderSlice(pod)).join('')}
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: llm }
spec:
  path: /llm
  authentication: false
  strategy: { type: RoundRobin }
  targetService: llm.${namespace}.svc.cluster.local
`)
    serve = await startServe(['--kubernetes', '--kubeconfig', cluster.kubeconfigPath, '--namespace', namespace])
  })
  afterAll(async () => {
    await serve?.end()
    await Promise.all(pods.map((pod) => pod.close()))
  })

  test('each pod gets its requests, without a name being looked up', async () => {
    const before = pods.map((pod) => pod.count())
    for (let at = 0; at < 20; at++) expect((await call()).status).toBe(200)
    expect(pods.map((pod, at) => pod.count() - (before[at] ?? 0))).toEqual([10, 10])
  })

  test('a new pod has requests within a second, under load, on connections that live; none fails', async () => {
    const added = await startPod()
    pods.push(added)
    let isOver = false
    const loading = load(() => isOver)
    await until(() => pods.slice(0, 2).every((pod) => pod.count() > 50), 'under load')
    await apply(renderSlice(added))
    const appliedAt = performance.now()
    await until(() => added.count() > 0, 'the new pod is asked', 1_000)
    expect(performance.now() - appliedAt).toBeLessThan(1_000)
    const before = pods.map((pod) => pod.count())
    await until(() => added.count() > (before[2] ?? 0) + 100, 'it goes on')
    isOver = true
    expect(await loading).toEqual([])
    const shares = pods.map((pod, at) => pod.count() - (before[at] ?? 0))
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(3)
  })

  test('a pod that ends gets nothing more once it says so, and none of its requests fails', async () => {
    const [first] = pods
    if (first === undefined) throw new Error('there are three')
    let isOver = false
    const loading = load(() => isOver)
    await apply(renderSlice(first, '{ ready: false, serving: true, terminating: true }'))
    let seen = -1
    await until(async () => {
      const before = first.count()
      const others = pods[1]?.count() ?? 0
      await until(() => (pods[1]?.count() ?? 0) > others + 20, 'the others go on')
      seen = first.count()
      return seen === before
    }, 'it is left alone')
    await first.close()
    await shareCluster().kubectl(['delete', 'endpointslice', `llm-${first.port}`, '-n', namespace])
    const others = pods[1]?.count() ?? 0
    await until(() => (pods[1]?.count() ?? 0) > others + 100, 'the others go on')
    isOver = true
    expect(await loading).toEqual([])
    expect(first.count()).toBe(seen)
  })

  test('a pod that dies without a word costs nobody an answer', async () => {
    const second = pods[1]
    if (second === undefined) throw new Error('there are three')
    let isOver = false
    const loading = load(() => isOver)
    const before = pods[2]?.count() ?? 0
    await until(() => (pods[2]?.count() ?? 0) > before + 20, 'under load')
    await second.close()
    await until(() => (pods[2]?.count() ?? 0) > before + 200, 'the last one carries all')
    isOver = true
    expect(await loading).toEqual([])
  })

  test('no pod is left: 503 at once; one comes back, and is asked', async () => {
    const last = pods[2]
    if (last === undefined) throw new Error('there are three')
    await shareCluster().kubectl(['delete', 'endpointslices', '--all', '-n', namespace])
    await apply(renderSlice(last, '{ ready: false, serving: false, terminating: false }'))
    const answer = async () => {
      const response = await call()
      return `${response.status} ${await response.text()}`
    }
    await until(async () => /^503 .*no_target_available/.test(await answer()), 'nobody is there', 2_000)
    await apply(renderSlice(last))
    await until(async () => (await answer()).startsWith('200'), 'somebody is', 1_000)
  })
})
