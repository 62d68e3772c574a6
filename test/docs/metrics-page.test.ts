// docs/metrics.md names every metric of a scrape, with its type and labels, and no other.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../support/until.ts'
import { readCodeRows } from './read-table.ts'

const manifests = `
apiVersion: llm.example.com/v1
kind: LLMModelConfig
metadata: { name: gemma }
spec:
  modelName: gemma
  modelProvider: VLLM
  inferenceImage: registry.example.com/gemma:v1
  pricing: { currency: EUR, input: '0.1', output: '0.4' }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec: { path: /open, modelName: gemma, authentication: false, rateLimit: { requestsPerMinute: 9 } }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: bad }
spec: { path: /bad }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: tokens }
spec: { jwt: [{ issuer: nobody, jwks: { uri: 'http://127.0.0.1:1/' } }] }
`
const gatewayMetric = /^(?:sluice|gen_ai)_/

let gateway: TestGateway
let metrics = ''
beforeAll(async () => {
  gateway = await startGateway({ manifests, settings: { simulate: true } })
  const chat = (extra: object) =>
    fetch(`${gateway.url}/open/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gemma', messages: [{ role: 'user', content: 'hello' }], ...extra }),
    }).then((response) => response.text())
  await chat({})
  await chat({ stream: true, stream_options: { include_usage: true } })
  const broken = join(gateway.folder, 'broken.yaml')
  await writeFile(broken, 'a: [\n')
  // What is counted is counted when a response has closed, which its reader may see first.
  await until(async () => {
    metrics = await gateway.readMetrics()
    return (
      /stream_outcomes_total\{/.test(metrics) &&
      /jwks_fetches_total\{/.test(metrics) &&
      /config_load_errors_total\{/.test(metrics)
    )
  }, 'everything that happened is counted')
  await rm(broken)
})
afterAll(() => gateway.stop())

type Metric = Readonly<{ name: string; type: string; labels: readonly string[] }>

function readScrape(text: string): readonly Metric[] {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }))
  return types
    .filter(({ name }) => gatewayMetric.test(name))
    .map(({ name, type }) => {
      const labels = new Set<string>()
      for (const [, list = ''] of text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*)\\} `, 'gm'))) {
        for (const [, label = ''] of list.matchAll(/([a-z_]+)="/g)) if (label !== 'le') labels.add(label)
      }
      return { name, type, labels: [...labels].sort() }
    })
    .sort(compareNames)
}

function readPage(): readonly Metric[] {
  return readCodeRows('docs/metrics.md')
    .map(([name = '', type = '', labels = '']) => ({
      name,
      type,
      labels: labels === '' ? [] : labels.split(', ').sort(),
    }))
    .sort(compareNames)
}

function compareNames(one: Metric, other: Metric): number {
  return one.name < other.name ? -1 : 1
}

test('every metric is there with its type and labels, and no other', () => {
  expect(readPage()).toEqual(readScrape(metrics))
})
