// One reflector of AIModels against a scripted server, on a fake clock.
import { onTestFinished } from 'vitest'
import { createApiClient } from '../../../src/config/kubernetes/api-client.ts'
import type { KubernetesObject } from '../../../src/config/kubernetes/kubernetes-object.ts'
import { reflectedKinds } from '../../../src/config/kubernetes/reflected-kinds.ts'
import { Reflector } from '../../../src/config/kubernetes/reflector.ts'
import { until } from '../../support/until.ts'
import { FakeClock } from './fake-clock.ts'
import { ScriptedApiServer, type ScriptedObject } from './scripted-api-server.ts'

export type ReflectorFixture = Readonly<{
  server: ScriptedApiServer
  clock: FakeClock
  reflector: Reflector
  logLines: string[]
  readChangeCount(): number
  /** `name@resourceVersion` of all mirrored objects, sorted. */
  readNames(): readonly string[]
  /** Waits until exactly these are mirrored. */
  waitForNames(...names: string[]): Promise<void>
}>

export async function startReflector({ random = 0, isOptional = false } = {}): Promise<ReflectorFixture> {
  const server = await new ScriptedApiServer().listen()
  const clock = new FakeClock(random)
  const client = createApiClient(() => server.loadKubeConfig(), clock)
  const logLines: string[] = []
  const log = (fields: object, message: string) => logLines.push(JSON.stringify({ ...fields, message }))
  let changeCount = 0
  const reflector = new Reflector({
    collection: { ...reflectedKinds.aiModels, isOptional },
    client,
    clock,
    logger: { info: log, warn: log },
    silenceLimitMs: 90_000,
    onChange: () => {
      changeCount += 1
    },
    onProblem: () => {},
  })
  void reflector.start()
  onTestFinished(async () => {
    await reflector.stop()
    await client.close()
    await server.goDown()
  })
  const readNames = () => [...reflector.objects.values()].map(renderName).sort()
  return {
    server,
    clock,
    reflector,
    logLines,
    readChangeCount: () => changeCount,
    readNames,
    waitForNames: async (...names) => {
      const wanted = names.sort().join()
      await until(() => readNames().join() === wanted, `mirrored: ${wanted}`).catch((error: unknown) => {
        throw new Error(`mirrored are: ${readNames().join()}`, { cause: error })
      })
    },
  }
}

/** An AIModel as the API server sends it. */
export function makeModel(name: string, resourceVersion: string, more: object = {}): ScriptedObject {
  const metadata = { name, namespace: 'team', uid: `uid-${name}`, resourceVersion }
  const spec = { modelName: name, modelProvider: 'OpenAI' }
  return { apiVersion: 'ai.example.com/v1', kind: 'AIModel', metadata, spec, ...more }
}

export function makeBookmark(resourceVersion: string): ScriptedObject {
  return { apiVersion: 'ai.example.com/v1', kind: 'AIModel', metadata: { resourceVersion } }
}

export const expiredStatus = {
  kind: 'Status',
  code: 410,
  reason: 'Expired',
  message: 'too old resource version: 1 (9)',
}

function renderName({ metadata }: KubernetesObject): string {
  return `${metadata.name}@${metadata.resourceVersion}`
}
