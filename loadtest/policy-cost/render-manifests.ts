// The manifests of the policy benchmark: the bench's model behind a key or a token, with limits that are never reached.
import { benchKey, benchModel } from '../wire.ts'

/** `requests`: of the route and of the consumer. `all`: tokens, requests at once and a budget besides. */
export type LimitsInForce = 'none' | 'requests' | 'all'

export const benchIssuer = 'https://login.bench.test'
export const benchAudience = 'bench'

const never = 1_000_000_000_000

/** JSON, which is YAML too; one document a line. `jwks`: the key set of `benchIssuer`. */
export function renderManifests(limits: LimitsInForce, jwks: string): string {
  const metadata = { name: 'bench', namespace: 'bench' }
  const manifests = [
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIModel',
      metadata,
      spec: {
        modelName: benchModel,
        modelProvider: 'Custom',
        modelType: 'LLM',
        endpoint: 'http://model-server.bench:8000/v1',
        pricing: { input: '0.000001', output: '0.000001' },
      },
    },
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIGatewayRoute',
      metadata,
      spec: {
        path: '/bench',
        modelName: benchModel,
        ...(limits !== 'none' && { rateLimit: { requestsPerMinute: never } }),
      },
    },
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIAuthPolicy',
      metadata,
      spec: {
        apiKeys: [{ consumer: 'bench', secretRef: { name: 'bench', key: 'token' } }],
        jwt: [{ issuer: benchIssuer, audiences: [benchAudience], jwks: { inline: jwks } }],
        consumers: [{ name: 'bench', ...renderConsumer(limits) }],
      },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token: benchKey } },
  ]
  return manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n')
}

function renderConsumer(limits: LimitsInForce): object {
  switch (limits) {
    case 'none':
      return {}
    case 'requests':
      return { rateLimit: { requestsPerMinute: never } }
    case 'all':
      return {
        rateLimit: { requestsPerMinute: never, tokensPerMinute: never, concurrentRequests: never },
        budgets: [{ amount: '999999999', period: 'Month' }],
      }
  }
}
