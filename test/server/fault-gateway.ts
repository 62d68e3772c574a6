// A gateway in front of one scripted backend, for fault tests: the model `m1`, a plain service under `/svc` without a
// key, and whatever manifests a test adds.
import { onTestFinished } from 'vitest'
import type { ServeSettings } from '../../src/settings.ts'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { type Headers, renderRequest } from '../support/http-bytes.ts'
import { connectRaw, type RawClient } from '../support/raw-client.ts'
import {
  type BackendScript,
  createScriptedBackend,
  type ScriptedBackend,
  type ScriptedBackendOptions,
} from '../support/scripted-backend.ts'
import { until } from '../support/until.ts'

export type FaultGateway = TestGateway & Readonly<{ backend: ScriptedBackend }>

export type FaultGatewayOptions = Readonly<{
  script?: BackendScript
  backend?: ScriptedBackendOptions
  /** More YAML documents, from the backend's URL. */
  manifests?: (url: string) => string
  settings?: Partial<ServeSettings>
}>

/** For one test: stopped when it ends. */
export async function startFaultGateway(options: FaultGatewayOptions = {}): Promise<FaultGateway> {
  const gateway = await createFaultGateway(options)
  onTestFinished(() => gateway.stop())
  return gateway
}

/** For the tests of a file: `stop` stops the backend too. */
export async function createFaultGateway(options: FaultGatewayOptions = {}): Promise<FaultGateway> {
  const backend = await createScriptedBackend(options.script, options.backend)
  const open = `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec: { path: /open, targetService: '${backend.url}', authentication: false }
`
  const extra = options.manifests?.(backend.url)
  const manifests = gatewayManifests(backend.url, extra === undefined ? open : `${open}---\n${extra}`)
  const gateway = await startGateway({ manifests, ...(options.settings && { settings: options.settings }) })
  return {
    ...gateway,
    backend,
    stop: async () => {
      await gateway.stop()
      await backend.close()
    },
  }
}

export type ModelOptions = Readonly<{
  name: string
  /** Default: the object's name. */
  modelName?: string
  endpoint: string
  timeouts?: Readonly<Partial<Record<'connect' | 'firstByte' | 'idle' | 'total', string>>>
}>

/** An AIModel without a credential. */
export function renderModel({ name, modelName = name, endpoint, timeouts = {} }: ModelOptions): string {
  return `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${modelName}
  modelProvider: Custom
  modelType: LLM
  endpoint: ${endpoint}/v1
  timeouts: ${JSON.stringify(timeouts)}
`
}

export const authorization = `Bearer ${testKey}`

/** A chat request's bytes. `fields` are merged into the body. */
export function renderChat(model = 'm1', fields: object = {}, headers: Headers = {}): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...fields })
  return renderRequest(
    'POST',
    '/v1/chat/completions',
    { authorization, 'content-type': 'application/json', ...headers },
    body,
  )
}

/** A connection that has sent these bytes; cut when the test ends. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawClient> {
  const client = await connectRaw(port)
  onTestFinished(() => void client.socket.destroy())
  await client.write(bytes)
  return client
}

/** The access-log line of the exchange with this request id (sent by the test), once there is one. */
export function readLogLine(
  gateway: Pick<TestGateway, 'log'>,
  requestId: string,
  deadlineMs?: number,
): Promise<Record<string, unknown>> {
  return until(() => gateway.log.find((line) => line.requestId === requestId), `a log line of ${requestId}`, deadlineMs)
}

/** One sample of /metrics; 0 when the series does not exist. `labels` must all match. */
export async function readMetric(
  gateway: Pick<TestGateway, 'readMetrics'>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  let sum = 0
  for (const line of (await gateway.readMetrics()).split('\n')) {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (match?.[1] !== name) continue
    const isWanted = Object.entries(labels).every(([label, value]) => match[2]?.includes(`${label}="${value}"`))
    if (isWanted) sum += Number(match[3])
  }
  return sum
}

/** Resolves when no exchange of the gateway holds a stream or a connection to the backend. */
export async function whenQuiet(gateway: FaultGateway, deadlineMs?: number): Promise<void> {
  await gateway.backend.connectionsClosed(deadlineMs)
  await until(async () => (await readMetric(gateway, 'sluice_streams_open')) === 0, 'no stream is open', deadlineMs)
}
