// Two tenants of the noisy-neighbour measurement, each with a model server of its own: A is limited, B is not.

export const keys = { noisy: 'sk-noisy', steady: 'sk-steady' } as const
/** Of A, a second. It sends twenty times as many. */
export const noisyLimit = 100

export function renderManifests(urls: Readonly<Record<keyof typeof keys, string>>): string {
  const model = (name: keyof typeof keys) => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: of-${name} }
spec: { modelName: of-${name}, modelProvider: Custom, modelType: LLM, endpoint: '${urls[name]}/v1' }
`
  return `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { noisy: ${keys.noisy}, steady: ${keys.steady} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: callers }
spec:
  apiKeys:
    - { consumer: noisy, secretRef: { name: keys, key: noisy } }
    - { consumer: steady, secretRef: { name: keys, key: steady } }
  consumers:
    - { name: noisy, models: [of-noisy], rateLimit: { requestsPerSecond: ${noisyLimit} } }
    - { name: steady, models: [of-steady] }
${model('noisy')}${model('steady')}`
}
