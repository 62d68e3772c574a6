// A gateway whose callers are metered: a model with prices in front of one backend, a consumer with limits and budgets.
// What was charged is read from outside, by asking what is left.
import { estimateInput } from '../../src/server/estimate-input.ts'
import type { ServeSettings } from '../../src/settings.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw, type RawResponse } from '../support/raw-client.ts'

export type MeteredOptions = Readonly<{
  /** `http://host:port` of the backend. */
  endpoint: string
  /** Fields of the consumer `team`, as JSON: `{rateLimit, budgets}`. */
  consumer?: object
  /** Fields of the model `m1`; without `pricing` it costs nothing. */
  model?: object
  /** More YAML documents. */
  extra?: string
  settings?: Partial<ServeSettings>
}>

export const meteredKey = 'sk-metered-canary-9b1c'
export const meteredAuthorization = `Bearer ${meteredKey}`

export function startMeteredGateway(options: MeteredOptions): Promise<TestGateway> {
  const { endpoint, consumer = {}, model = {}, extra = '', settings } = options
  const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { key: ${meteredKey} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec:
  apiKeys: [{ consumer: team, secretRef: { name: keys, key: key } }]
  consumers: [${JSON.stringify({ name: 'team', ...consumer })}]
---
${renderMeteredModel('m1', endpoint, model)}
${extra === '' ? '' : `---\n${extra}`}`
  return startGateway({ manifests, ...(settings && { settings }) })
}

export function renderMeteredModel(name: string, endpoint: string, fields: object): string {
  const spec = { modelName: name, modelProvider: 'Custom', modelType: 'LLM', endpoint: `${endpoint}/v1`, ...fields }
  return JSON.stringify({ apiVersion: 'ai.example.com/v1', kind: 'AIModel', metadata: { name }, spec })
}

export function renderChatBody(fields: object = {}): string {
  return JSON.stringify({ model: 'm1', messages: [{ role: 'user', content: 'hi' }], ...fields })
}

export function renderMeteredChat(fields: object = {}, requestId?: string): string {
  const headers = {
    authorization: meteredAuthorization,
    'content-type': 'application/json',
    ...(requestId !== undefined && { 'x-request-id': requestId }),
  }
  return renderRequest('POST', '/v1/chat/completions', headers, renderChatBody(fields))
}

/**
 * Tokens on the count of the tightest token limit, by asking with a request that the backend must refuse (it ends up
 * charged nothing): what the answer says is left, less the request's own reserve.
 */
export async function readTokensUsed(
  gateway: TestGateway,
  probe: object = { max_tokens: 1, refuse: true },
): Promise<number> {
  const response = await exchangeRaw(gateway.port, renderMeteredChat(probe))
  const reserve = estimateInput(Buffer.from(renderChatBody(probe))) + 1
  return readHeaderNumber(response, 'limit') - readHeaderNumber(response, 'remaining') - reserve
}

function readHeaderNumber(response: RawResponse, what: 'limit' | 'remaining'): number {
  const text = response.header(`x-ratelimit-${what}-tokens`)
  if (text === null) throw new Error(`${response.status} without a token limit: ${response.text.slice(0, 200)}`)
  return Number(text)
}
