// What the source promises its reader: whole, frozen, sorted snapshots with stable identities, and nothing that crashes.
import { expect, test } from 'vitest'
import { createKubernetesSource } from '../../../src/config/kubernetes/kubernetes-source.ts'
import { ConfigurationError } from '../../../src/config/source.ts'
import { createResourceValidator } from '../../../src/config/validation/resource-validator.ts'
import { until } from '../../support/until.ts'
import { createSourceFixture, makeObject, paths } from './source-fixture.ts'

const spec = { modelName: 'm', modelProvider: 'OpenAI' }
const routeSpec = { path: '/x', targetService: 'svc' }

test('reads all six kinds, with the kind and version that lists leave out', async () => {
  const { source, lists, start, readDirtyCount } = await createSourceFixture()
  lists.set(paths.aiModels, [makeObject('team', 'a', { spec })])
  lists.set(paths.aiGatewayRoutes, [makeObject('team', 'a', { spec: routeSpec })])
  lists.set(paths.aiAuthPolicies, [makeObject('team', 'a', { spec: {} })])
  lists.set(paths.llmModelConfigs, [makeObject('team', 'a', { spec })])
  lists.set(paths.secrets, [makeObject('team', 'a', { data: { key: 'eA==' } }), makeObject('team', 'empty')])
  lists.set(paths.referenceGrants, [makeObject('team', 'a', { spec: { from: [], to: [] } })])
  expect(source.read().aiModels).toEqual([])
  await start()
  expect(source.isSynced()).toBe(true)
  expect(readDirtyCount()).toBe(8)
  const { rejected, ...kinds } = source.read()
  expect(rejected).toEqual([])
  const seen = Object.values(kinds)
    .flat()
    .map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
  expect(seen).toEqual([
    'ai.example.com/v1 AIModel',
    'ai.example.com/v1 AIGatewayRoute',
    'ai.example.com/v1 AIAuthPolicy',
    'llm.example.com/v1 LLMModelConfig',
    'v1 Secret',
    'v1 Secret',
    'gateway.networking.k8s.io/v1beta1 ReferenceGrant',
  ])
})

test('the same snapshot until something changes; then the same objects but for the changed one', async () => {
  const { source, lists, start, waitForWatch } = await createSourceFixture()
  const [a, b] = [makeObject('team', 'a', { spec }), makeObject('team', 'b', { spec })]
  lists.set(paths.aiModels, [a, b])
  lists.set(paths.aiGatewayRoutes, [makeObject('team', 'r', { spec: routeSpec })])
  await start()
  const first = source.read()
  expect(source.read()).toBe(first)
  ;(await waitForWatch(paths.aiModels)).sendEvent('MODIFIED', makeObject('team', 'b', { spec }))
  await until(() => source.read() !== first, 'a new snapshot')
  const second = source.read()
  expect(second.aiModels[0]).toBe(first.aiModels[0])
  expect(second.aiModels[1]).not.toBe(first.aiModels[1])
  expect(second.aiGatewayRoutes).toBe(first.aiGatewayRoutes)
  expect(first.aiModels).toHaveLength(2)
})

test('snapshots are frozen all through', async () => {
  const { source, lists, start } = await createSourceFixture()
  lists.set(paths.aiModels, [makeObject('team', 'a', { spec: { ...spec, headers: { set: [{ name: 'x' }] } } })])
  await start()
  const set = source.read()
  const isFrozenThrough = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every((part) => isFrozenThrough(part)))
  expect(isFrozenThrough(set)).toBe(true)
})

test('sorted by namespace, then name, whatever order they came in', async () => {
  const { source, lists, start, waitForWatch } = await createSourceFixture()
  lists.set(paths.aiModels, [
    makeObject('b', 'a', { spec }),
    makeObject('a-b', 'z', { spec }),
    makeObject('a', 'z', { spec }),
  ])
  await start()
  ;(await waitForWatch(paths.aiModels)).sendEvent('ADDED', makeObject('a', 'b-c', { spec }))
  await until(() => source.read().aiModels.length === 4, 'the fourth')
  const order = source.read().aiModels.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
  expect(order).toEqual(['a/b-c', 'a/z', 'a-b/z', 'b/a'])
})

test('an object that is being deleted is read until it is gone', async () => {
  const { source, lists, start, waitForWatch } = await createSourceFixture()
  lists.set(paths.aiModels, [makeObject('team', 'a', { spec })])
  await start()
  const watch = await waitForWatch(paths.aiModels)
  const leaving = makeObject('team', 'a', { spec })
  const deletionTimestamp = '2026-11-22T12:00:00Z'
  watch.sendEvent('MODIFIED', { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp } })
  await until(() => source.read().aiModels[0]?.metadata.deletionTimestamp === deletionTimestamp, 'it is leaving')
  watch.sendEvent('DELETED', makeObject('team', 'a', { spec }))
  await until(() => source.read().aiModels.length === 0, 'it is gone')
})

test('objects that are none are rejected by name, and crash nothing', async () => {
  const { source, lists, start, waitForWatch } = await createSourceFixture()
  lists.set(paths.aiModels, [
    makeObject('team', 'no-spec'),
    makeObject('team', 'list-spec', { spec: [] }),
    { metadata: { namespace: 'team', uid: 'u1', resourceVersion: '3' }, spec },
    { metadata: { name: 'homeless', resourceVersion: '4' }, spec },
    makeObject('team', 'good', { spec }),
  ])
  lists.set(paths.secrets, [makeObject('team', 'odd', { data: { key: 7 } })])
  lists.set(paths.referenceGrants, [makeObject('team', 'odd', { spec: { from: 'everybody' } })])
  await start()
  ;(await waitForWatch(paths.aiGatewayRoutes)).sendEvent('ADDED', makeObject('team', 'null-spec', { spec: null }))
  await until(() => source.read().rejected.length === 7, 'all rejected')
  const { aiModels, rejected } = source.read()
  expect(aiModels.map(({ metadata }) => metadata.name)).toEqual(['good'])
  expect(rejected.map(({ kind, metadata, messages }) => `${kind} ${metadata.name}: ${messages.join('; ')}`)).toEqual([
    'AIModel homeless: metadata.namespace: is missing',
    'AIModel list-spec: spec: is missing',
    'AIModel no-spec: spec: is missing',
    'AIModel (unnamed): metadata.name: is missing',
    'AIGatewayRoute null-spec: spec: is missing',
    'Secret odd: data: must hold strings',
    'ReferenceGrant odd: spec.from: must be a list of objects; spec.to: must be a list of objects',
  ])
  expect(rejected.find(({ kind }) => kind === 'Secret')?.raw).toBe(null)
})

test('with a validator, objects stored under a looser schema are rejected, and defaults are filled in', async () => {
  const { validate } = createResourceValidator()
  const { source, lists, start, waitForWatch } = await createSourceFixture({ validate })
  const status = { conditions: [] }
  lists.set(paths.aiGatewayRoutes, [
    makeObject('team', 'bad', { spec: { path: 'no-slash', targetService: 'svc' } }),
    makeObject('team', 'good', { spec: routeSpec, status }),
    makeObject('team', 'newer', { spec: { ...routeSpec, fieldOfTheNextVersion: true } }),
  ])
  await start()
  const { aiGatewayRoutes, rejected } = source.read()
  expect(aiGatewayRoutes.map(({ metadata }) => metadata.name)).toEqual(['good', 'newer'])
  expect(aiGatewayRoutes[0]?.spec.pathType).toBe('Prefix')
  expect(aiGatewayRoutes[0]?.status).toEqual(status)
  expect(rejected.map(({ metadata }) => metadata.name)).toEqual(['bad'])
  expect(rejected[0]?.messages.join()).toMatch(/^spec\.path: /)
  ;(await waitForWatch(paths.aiGatewayRoutes)).sendEvent('MODIFIED', makeObject('team', 'bad', { spec: routeSpec }))
  await until(() => source.read().rejected.length === 0, 'it was mended')
  expect(source.read().aiGatewayRoutes[1]).toBe(aiGatewayRoutes[0])
})

test('a validator that throws rejects that object alone', async () => {
  const { validate } = createResourceValidator()
  const { source, lists, start } = await createSourceFixture({
    validate: (object) => {
      if (object.metadata.name === 'bad') throw new Error('bug')
      return validate(object)
    },
  })
  lists.set(paths.aiGatewayRoutes, [
    makeObject('team', 'bad', { spec: routeSpec }),
    makeObject('team', 'good', { spec: routeSpec }),
  ])
  await start()
  expect(source.read().aiGatewayRoutes).toHaveLength(1)
  expect(source.read().rejected.map(({ messages }) => messages)).toEqual([['could not be validated']])
})

test('with namespaces: one list and watch a kind and namespace, and nothing outside them', async () => {
  const { source, server, lists, start } = await createSourceFixture({ namespaces: ['two', 'one', 'two'] })
  const inNamespace = (namespace: string, plural: string) => `/apis/ai.example.com/v1/namespaces/${namespace}/${plural}`
  lists.set(inNamespace('one', 'aimodels'), [makeObject('one', 'z', { spec })])
  lists.set(inNamespace('two', 'aimodels'), [makeObject('two', 'a', { spec })])
  lists.set('/api/v1/namespaces/one/secrets', 403)
  await start()
  expect(source.read().aiModels.map(({ metadata }) => metadata.name)).toEqual(['z', 'a'])
  expect(source.readProblems().map(({ location }) => location)).toEqual(['kubernetes secrets in one'])
  await until(() => server.requestCount === 31, 'sixteen lists and fifteen watches')
})

test('how long each kind was silent, bookmarks included', async () => {
  const { source, clock, start, waitForWatch } = await createSourceFixture()
  await start()
  const watch = await waitForWatch(paths.secrets)
  clock.advance(30_000)
  expect(source.readLastEventAges()).toEqual(
    new Map(
      [
        ...['AIModel', 'AIGatewayRoute', 'AIAuthPolicy', 'LLMModelConfig', 'Secret', 'ReferenceGrant'],
        ...['Service', 'EndpointSlice'],
      ].map((kind) => [kind, 30_000]),
    ),
  )
  watch.sendEvent('BOOKMARK', { metadata: { resourceVersion: '200' } })
  await until(() => source.readLastEventAges().get('Secret') === 0, 'the bookmark counts')
  expect(source.readLastEventAges().get('AIModel')).toBe(30_000)
})

test('start does not wait longer than 5 s for a server that hangs (F12)', async () => {
  const { source, server, clock, start } = await createSourceFixture()
  server.autoAnswer = () => false
  const started = start()
  for (let index = 0; index < 6; index += 1) await server.nextList()
  clock.advance(5_000)
  await started
  expect(source.isSynced()).toBe(false)
})

test('connections are used again, not added, and all closed in the end', async () => {
  const { source, server, start, endWatchInTime } = await createSourceFixture()
  await start()
  for (let round = 0; round < 30; round += 1) await endWatchInTime(paths.secrets, 'Secret')
  // Six watches; a list's connection may still be busy when its watch begins.
  expect(server.connectionCount).toBeLessThanOrEqual(12)
  await source.stop()
  await until(() => server.openConnections === 0, 'all closed')
})

test('leaves the Secrets of Helm releases on the server', async () => {
  const { server, start } = await createSourceFixture()
  const answer = server.autoAnswer
  const selectors: (string | null)[] = []
  server.autoAnswer = (request) => {
    if (request.url.pathname === paths.secrets) selectors.push(request.url.searchParams.get('fieldSelector'))
    return answer(request)
  }
  await start()
  await until(() => selectors.length === 2, 'the list and the watch')
  expect(selectors).toEqual(['type!=helm.sh/release.v1', 'type!=helm.sh/release.v1'])
})

test('without a usable cluster, start rejects with one line', async () => {
  const source = createKubernetesSource({ kubeconfigPath: '/nowhere/config', namespaces: [] })
  const error: unknown = await source.start(() => {}).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(error).toMatchObject({ lines: ['--kubeconfig /nowhere/config: no such file'] })
  await source.stop()
})
