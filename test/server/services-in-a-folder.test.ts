// A Service and its EndpointSlices in files work as in a cluster: each address is asked for itself, by the Service's name,
// and a changed file changes who is asked.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

let pods: HttpBackend[] = []
let gateway: TestGateway

/** One slice for each port. */
const renderSlices = (ready: readonly HttpBackend[]) =>
  `${ready
    .map(
      ({ port }) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: llm-${port}, labels: { kubernetes.io/service-name: llm } }
addressType: IPv4
ports: [{ name: http, port: ${port} }]
endpoints: [{ addresses: [127.0.0.1], conditions: { ready: true } }]`,
    )
    .join('\n---')}
---
apiVersion: v1
kind: Service
metadata: { name: llm, annotations: { some: thing } }
spec:
  type: ClusterIP
  selector: { app: llm }
  ports: [{ name: http, port: 8000, targetPort: web }]
`

beforeAll(async () => {
  pods = await Promise.all([1, 2, 3].map(() => createHttpBackend(json(200, { choices: [] }))))
  gateway = await startGateway({
    manifests: `
apiVersion: llm.example.com/v1
kind: LLMModelConfig
metadata: { name: llm }
spec: { modelName: assistant, modelProvider: VLLM, inferenceImage: registry.example.com/vllm:1 }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec: { path: /open, modelName: assistant, authentication: false, strategy: { type: RoundRobin } }
---${renderSlices(pods.slice(0, 2))}`,
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all(pods.map((pod) => pod.close()))
})

const ask = async (count: number) => {
  const before = pods.map(({ requests }) => requests.length)
  for (let at = 0; at < count; at++) {
    const response = await fetch(`${gateway.url}/open/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"messages":[]}',
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sluice-target')).toBe('default/llm')
    await response.arrayBuffer()
  }
  return pods.map(({ requests }, at) => requests.length - (before[at] ?? 0))
}

test('each address has its share, and is asked by the Service’s name', async () => {
  expect(await ask(10)).toEqual([5, 5, 0])
  expect(pods[0]?.requests[0]?.headers.host).toBe('llm.default.svc.cluster.local:8000')
})

test('explain names the addresses', async () => {
  const answer: unknown = await (await fetch(`${gateway.adminUrl}/explain?path=/open/chat/completions`)).json()
  const [one, two] = pods.slice(0, 2).map(({ port }) => `127.0.0.1:${port}`)
  expect(answer).toMatchObject({
    targets: [{ id: 'default/llm', isInService: true, pickShare: 1, passedOver: null }],
  })
  const text = JSON.stringify(answer)
  expect([one, two].filter((address) => !text.includes(`{"address":"${address}","active":0,`))).toEqual([])
})

test('a pod more, a pod less: without a restart, and connections to the others go on', async () => {
  const sockets = pods[1]?.countOpenSockets()
  const manifests = `
apiVersion: llm.example.com/v1
kind: LLMModelConfig
metadata: { name: llm }
spec: { modelName: assistant, modelProvider: VLLM, inferenceImage: registry.example.com/vllm:1 }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec: { path: /open, modelName: assistant, authentication: false, strategy: { type: RoundRobin } }
---${renderSlices(pods.slice(1))}`
  await gateway.writeManifest('manifests.yaml', manifests)
  expect(await ask(10)).toEqual([0, 5, 5])
  expect(pods[1]?.countOpenSockets()).toBe(sockets)
})
