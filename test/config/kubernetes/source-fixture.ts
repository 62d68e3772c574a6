// A whole KubernetesSource against a scripted server that answers lists from a table and keeps the watches for the test.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  createKubernetesSource,
  type KubernetesSourceOptions,
} from '../../../src/config/kubernetes/kubernetes-source.ts'
import type { Source } from '../../../src/config/source.ts'
import { until } from '../../support/until.ts'
import { FakeClock } from './fake-clock.ts'
import { ScriptedApiServer, type ScriptedObject, type ScriptedRequest } from './scripted-api-server.ts'

export type SourceFixture = Readonly<{
  server: ScriptedApiServer
  clock: FakeClock
  source: Source
  logLines: string[]
  /** What a list of this path (`/api/v1/secrets`) returns; a number is an error's status. None: an empty list. */
  lists: Map<string, readonly ScriptedObject[] | number>
  /** Begins the source; resolves when `start` does. */
  start(): Promise<void>
  /** The open watch of a path. */
  waitForWatch(path: string): Promise<ScriptedRequest>
  /** Ends the open watch of a path after 1.5 s, as a server does in time. */
  endWatchInTime(path: string, kind: string): Promise<void>
  readDirtyCount(): number
}>

export async function createSourceFixture(options: Partial<KubernetesSourceOptions> = {}): Promise<SourceFixture> {
  const server = await new ScriptedApiServer().listen()
  const folder = await mkdtemp(join(tmpdir(), 'sluice-source-'))
  const kubeconfigPath = join(folder, 'config')
  await writeFile(kubeconfigPath, renderKubeconfig(server.url))
  const lists: SourceFixture['lists'] = new Map()
  const watches = new Map<string, ScriptedRequest>()
  server.autoAnswer = (request) => {
    const path = request.url.pathname
    const answer = lists.get(path) ?? []
    if (typeof answer === 'number') request.sendStatus(answer, { message: `refused with ${answer}` })
    else if (request.isWatch) watches.set(path, request.openWatch())
    else request.sendList('100', answer)
    return true
  }
  const clock = new FakeClock()
  const logLines: string[] = []
  const log = (fields: object, message: string) => logLines.push(JSON.stringify({ ...fields, message }))
  const source = createKubernetesSource({
    kubeconfigPath,
    namespaces: [],
    clock,
    logger: { info: log, warn: log },
    ...options,
  })
  let dirtyCount = 0
  onTestFinished(async () => {
    await source.stop()
    await server.goDown()
    await rm(folder, { recursive: true })
  })
  const waitForWatch = (path: string) => until(() => watches.get(path), `a watch of ${path}`)
  return {
    server,
    clock,
    source,
    logLines,
    lists,
    start: () =>
      source.start(() => {
        dirtyCount += 1
      }),
    waitForWatch,
    async endWatchInTime(path, kind) {
      const watch = await waitForWatch(path)
      clock.advance(1)
      watch.sendEvent('BOOKMARK', { metadata: { resourceVersion: '100' } })
      await until(() => source.readLastEventAges().get(kind) === 0, 'the watch is heard')
      clock.advance(1_500)
      watches.delete(path)
      watch.end()
    },
    readDirtyCount: () => dirtyCount,
  }
}

export function renderKubeconfig(server: string, user: object = { token: 'canary-token-0123456789' }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'scripted', user: 'me' } }],
    clusters: [{ name: 'scripted', cluster: { server } }],
    users: [{ name: 'me', user }],
  })
}

export const paths = {
  aiModels: '/apis/ai.example.com/v1/aimodels',
  aiGatewayRoutes: '/apis/ai.example.com/v1/aigatewayroutes',
  aiAuthPolicies: '/apis/ai.example.com/v1/aiauthpolicies',
  llmModelConfigs: '/apis/llm.example.com/v1/llmmodelconfigs',
  secrets: '/api/v1/secrets',
  referenceGrants: '/apis/gateway.networking.k8s.io/v1beta1/referencegrants',
  services: '/api/v1/services',
  endpointSlices: '/apis/discovery.k8s.io/v1/endpointslices',
} as const

let nextVersion = 1

/** An object with a version of its own each time. */
export function makeObject(namespace: string, name: string, more: object = {}): ScriptedObject {
  nextVersion += 1
  return {
    metadata: { namespace, name, uid: `uid-${namespace}-${name}`, resourceVersion: String(nextVersion) },
    ...more,
  }
}
