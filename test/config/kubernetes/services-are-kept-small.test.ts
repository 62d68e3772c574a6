// Of Services and EndpointSlices only ports and usable addresses are kept; what changes nothing of those wakes nobody;
// a role that does not allow them takes nothing down.
import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { createSourceFixture, makeObject, paths } from './source-fixture.ts'

const labels = { 'kubernetes.io/service-name': 'llm', app: 'llm' }

const makeSlice = (endpoints: readonly object[], annotations: object = {}) => {
  const { metadata, ...rest } = makeObject('team', 'llm-x1', {
    addressType: 'IPv4',
    ports: [
      { name: 'http', port: 8000, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
    endpoints,
  })
  return {
    ...rest,
    metadata: { ...metadata, labels, annotations, ownerReferences: [{ kind: 'Service', name: 'llm' }] },
  }
}

/** Names the Service `team/llm`. */
const route = makeObject('team', 'r', { spec: { path: '/x', targetService: 'llm.team.svc.cluster.local:80' } })

const pod = (address: string, conditions: object) => ({
  addresses: [address],
  conditions,
  nodeName: 'node-1',
  targetRef: { kind: 'Pod', name: `pod-${address}` },
})

test('ports and usable addresses are kept, and nothing else', async () => {
  const { source, lists, start } = await createSourceFixture()
  lists.set(paths.aiGatewayRoutes, [route])
  lists.set(paths.services, [
    makeObject('team', 'llm', {
      spec: {
        clusterIP: '10.96.0.7',
        ipFamilies: ['IPv4'],
        selector: { app: 'llm' },
        ports: [
          { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP', nodePort: 30_080 },
          { name: 'dns', port: 53, protocol: 'UDP' },
        ],
      },
      status: { loadBalancer: {} },
    }),
  ])
  lists.set(paths.endpointSlices, [
    makeSlice([
      pod('10.0.0.2', { ready: true, serving: true, terminating: false }),
      pod('10.0.0.1', {}),
      pod('10.0.0.3', { ready: false, serving: true, terminating: true }),
      pod('10.0.0.4', { ready: false, serving: false, terminating: false }),
      pod('not an address', { ready: true }),
    ]),
  ])
  await start()
  const { services, endpointSlices } = source.read()
  const { metadata: _service, ...service } = services[0] ?? { metadata: null }
  expect(service).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    isExternalName: false,
    isHeadless: false,
    ipFamilies: ['IPv4'],
    ports: [{ name: 'http', port: 80 }],
  })
  const { metadata, ...slice } = endpointSlices[0] ?? { metadata: null }
  expect(slice).toEqual({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    serviceName: 'llm',
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8000 }],
    ready: ['10.0.0.1', '10.0.0.2'],
    terminating: ['10.0.0.3'],
  })
  expect(Object.keys(metadata ?? {}).sort()).toEqual(['name', 'namespace', 'resourceVersion', 'uid'])
})

test('a new version that comes to the same wakes nobody; one that does not, does', async () => {
  const { source, lists, start, waitForWatch, readDirtyCount } = await createSourceFixture()
  lists.set(paths.aiGatewayRoutes, [route])
  lists.set(paths.endpointSlices, [makeSlice([pod('10.0.0.1', {})])])
  await start()
  const first = source.read()
  const dirtyBefore = readDirtyCount()
  const watch = await waitForWatch(paths.endpointSlices)
  watch.sendEvent('MODIFIED', makeSlice([pod('10.0.0.1', { ready: true })], { 'last-change': 'now' }))
  watch.sendEvent('BOOKMARK', { metadata: { resourceVersion: '300' } })
  watch.sendEvent('MODIFIED', makeSlice([pod('10.0.0.1', {}), pod('10.0.0.2', {})]))
  await until(() => source.read().endpointSlices[0]?.ready.length === 2, 'the second address')
  expect(readDirtyCount()).toBe(dirtyBefore + 1)
  expect(source.read().aiModels).toBe(first.aiModels)
})

test('403: no addresses are known, a problem says so, and everything else is served', async () => {
  const { source, lists, start, clock } = await createSourceFixture()
  lists.set(paths.aiGatewayRoutes, [route])
  lists.set(paths.services, 403)
  lists.set(paths.endpointSlices, 403)
  await start()
  expect(source.isSynced()).toBe(true)
  expect(source.readProblems().map(({ location }) => location)).toEqual([
    'kubernetes services',
    'kubernetes endpointslices',
  ])
  lists.set(paths.endpointSlices, [makeSlice([pod('10.0.0.1', {})])])
  lists.set(paths.services, [])
  expect(await clock.passDelay()).toBe(60_000)
  await until(() => source.read().endpointSlices.length === 1, 'found once they are allowed')
  await until(() => source.readProblems().length === 0, 'no problem is left')
})

test('pods of a Service that nothing of ours names wake nobody, until something does', async () => {
  const { source, lists, start, waitForWatch, readDirtyCount } = await createSourceFixture()
  lists.set(paths.endpointSlices, [makeSlice([pod('10.0.0.1', {})])])
  await start()
  expect(source.isSynced()).toBe(true)
  const first = source.read()
  expect(first.endpointSlices).toEqual([])
  const dirtyBefore = readDirtyCount()
  const slices = await waitForWatch(paths.endpointSlices)
  slices.sendEvent('MODIFIED', makeSlice([pod('10.0.0.1', {}), pod('10.0.0.2', {})]))
  const models = await waitForWatch(paths.aiModels)
  const spec = { modelName: 'm', modelProvider: 'VLLM', endpoint: 'http://other.team.svc/v1' }
  models.sendEvent('ADDED', makeObject('team', 'm', { spec }))
  await until(() => source.read() !== first, 'the model is read')
  expect(source.read().endpointSlices).toEqual([])
  expect(readDirtyCount()).toBe(dirtyBefore + 1)
  models.sendEvent(
    'ADDED',
    makeObject('team', 'n', { spec: { ...spec, endpoint: 'http://llm.team.svc.cluster.local/v1' } }),
  )
  await until(() => source.read().endpointSlices[0]?.ready.length === 2, 'now it is named')
  slices.sendEvent('MODIFIED', makeSlice([pod('10.0.0.2', {})]))
  await until(() => source.read().endpointSlices[0]?.ready.length === 1, 'and its changes count')
})

test('an LLMModelConfig names the Service of its own name', async () => {
  const { source, lists, start } = await createSourceFixture()
  lists.set(paths.llmModelConfigs, [makeObject('team', 'llm', { spec: { modelName: 'm' } })])
  lists.set(paths.endpointSlices, [makeSlice([pod('10.0.0.1', {})])])
  await start()
  expect(source.read().endpointSlices).toHaveLength(1)
})
