// Rewrites the soak's configuration once a second: the served route changes each time, others come and go, and every
// tenth time a file beside it is broken, which must not disturb what is served.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchKey, benchModel } from './wire.ts'

export type ConfigChurn = Readonly<{
  /** For `--config`. */
  folder: string
  readCount(): number
  start(): void
  stop(): void
  /** Removes the folder. */
  remove(): void
}>

export function createConfigChurn(): ConfigChurn {
  const parent = mkdtempSync(join(tmpdir(), 'sluice-soak-'))
  const folder = join(parent, 'config')
  mkdirSync(folder)
  let count = 0
  let timer: NodeJS.Timeout | null = null

  const write = () => {
    count++
    // By rename, as an editor or a ConfigMap does it: half a file that parses would be a configuration of its own.
    const draft = join(parent, 'draft.yaml')
    writeFileSync(draft, renderServed(count))
    renameSync(draft, join(folder, 'served.yaml'))
    writeFileSync(join(folder, 'passing.yaml'), count % 10 === 0 ? 'kind: [broken' : renderPassing(count))
  }
  write()
  return {
    folder,
    readCount: () => count,
    start: () => {
      timer = setInterval(write, 1000)
    },
    stop: () => {
      if (timer !== null) clearInterval(timer)
    },
    remove: () => rmSync(parent, { recursive: true, force: true }),
  }
}

/** The model, its route and key; the route's limit and headers differ each time. */
function renderServed(count: number): string {
  return `apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${benchModel}, namespace: soak }
spec:
  modelName: ${benchModel}
  modelProvider: Custom
  modelType: LLM
  endpoint: http://model-server.bench:8000/v1
  timeouts: { connect: 2s, firstByte: 3s, idle: 3s }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: soak-route, namespace: soak }
spec:
  path: /soak
  modelName: ${benchModel}
  rateLimit: { requestsPerMinute: ${1_000_000 + count}, per: Consumer }
  headers: { response: { set: { x-churn: "${count}" } } }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: soak-keys, namespace: soak }
spec:
  apiKeys: [{ consumer: soak, secretRef: { name: soak-key, key: token } }]
---
apiVersion: v1
kind: Secret
metadata: { name: soak-key, namespace: soak }
stringData: { token: ${benchKey} }
`
}

/** Routes and a model nobody calls: new names each time, so that what is kept by name would pile up. */
function renderPassing(count: number): string {
  return `apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: passing-${count}, namespace: soak }
spec:
  modelName: passing-${count}
  modelProvider: Custom
  modelType: LLM
  endpoint: http://passing-${count}.bench:8000/v1
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: passing-${count}, namespace: soak }
spec:
  path: /passing/${count}
  targetService: passing-${count}.bench
  authentication: false
  rateLimit: { requestsPerMinute: ${count}, per: ClientIP }
`
}
