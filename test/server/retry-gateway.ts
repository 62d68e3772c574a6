// A gateway with a route `both` over several HTTP backends, best priority first unless a test says otherwise: for tests
// of what comes after a failure.
import { onTestFinished } from 'vitest'
import type { ServeSettings } from '../../src/settings.ts'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, type HttpBackendHandler } from '../support/http-backend.ts'

export type RetryGatewayOptions = Readonly<{
  /** One a target: its handler, or the URL of something else. */
  targets: readonly (HttpBackendHandler | string)[]
  /** `spec.retry` of the route. */
  retry?: object
  /** More of the route's spec. */
  route?: object
  /** More of each model's spec, by target. */
  models?: readonly object[]
  /** All of one priority. */
  isOneTier?: boolean
  settings?: Partial<ServeSettings>
}>

export type RetryGateway = TestGateway &
  Readonly<{
    /** Of the targets that are handlers, in their order. */
    backends: readonly HttpBackend[]
    /** Asks the route's model; `fields` are merged into the body. */
    ask(fields?: object, init?: AskInit): Promise<Response>
  }>

export type AskInit = Readonly<{ path?: string; headers?: Readonly<Record<string, string>>; signal?: AbortSignal }>

export async function startRetryGateway(options: RetryGatewayOptions): Promise<RetryGateway> {
  const { targets, retry = {}, route = {}, models = [], isOneTier = false, settings } = options
  const backends: HttpBackend[] = []
  const urls: string[] = []
  for (const target of targets) {
    if (typeof target === 'string') {
      urls.push(target)
      continue
    }
    const backend = await createHttpBackend(target)
    onTestFinished(() => backend.close())
    backends.push(backend)
    urls.push(backend.url)
  }
  const objects = urls.map((url, at) => ({
    apiVersion: 'ai.example.com/v1',
    kind: 'AIModel',
    metadata: { name: `t${at}` },
    spec: {
      modelName: `t${at}`,
      modelProvider: 'Custom',
      modelType: 'LLM',
      endpoint: `${url}/v1`,
      ...models[at],
    },
  }))
  const routes = {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name: 'both' },
    spec: {
      path: '/both',
      modelName: 'both',
      backends: urls.map((_, at) => ({ modelRef: { name: `t${at}`, kind: 'AIModel' }, priority: isOneTier ? 0 : at })),
      retry,
      ...route,
    },
  }
  const extra = [...objects, routes].map((object) => JSON.stringify(object)).join('\n---\n')
  const manifests = gatewayManifests('http://127.0.0.1:9', extra)
  const gateway = await startGateway({ manifests, ...(settings && { settings }) })
  onTestFinished(() => gateway.stop())
  return {
    ...gateway,
    backends,
    ask: (fields = {}, { path = '/v1/chat/completions', headers = {}, signal } = {}) =>
      fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model: 'both', messages: [{ role: 'user', content: 'hi' }], ...fields }),
        ...(signal && { signal }),
      }),
  }
}

/** A good chat answer that names its target. */
export function answerAs(name: string): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: name }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  }
}
