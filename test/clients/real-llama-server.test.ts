// Issue 5, "It shows" 6: the official clients, through the gateway, to a real model server: llama.cpp with a tiny model
// that is made here. Skipped unless SLUICE_LLAMA_PYTHON names a Python with the package `xllamacpp` (docs/providers.md).
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { type LlamaServer, llamaMissing, startLlamaServer } from '../support/llama/start-llama-server.ts'
import { until } from '../support/until.ts'

const key = 'sk-llama-tester'
const messages = [{ role: 'user' as const, content: 'Say something.' }]

const manifests = (url: string) => `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { key: ${key} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec: { apiKeys: [{ consumer: tester, secretRef: { name: keys, key: key } }] }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: tiny }
spec: { modelName: tiny, modelProvider: Custom, modelType: LLM, endpoint: "${url}" }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: tiny-vllm }
spec: { modelName: tiny-vllm, upstreamModel: tiny, modelProvider: VLLM, modelType: LLM, endpoint: "${url}" }
`

const title = llamaMissing === null ? 'a real llama.cpp server' : `a real llama.cpp server (skipped: ${llamaMissing})`

describe.skipIf(llamaMissing !== null)(title, () => {
  let llama: LlamaServer
  let gateway: TestGateway
  let openai: OpenAI
  let anthropic: Anthropic
  beforeAll(async () => {
    llama = await startLlamaServer()
    gateway = await startGateway({ manifests: manifests(llama.url) })
    openai = new OpenAI({ apiKey: key, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    anthropic = new Anthropic({ apiKey: key, baseURL: gateway.url, maxRetries: 0 })
  })
  afterAll(async () => {
    await gateway?.stop()
    await llama?.stop()
  })

  test.each(['tiny', 'tiny-vllm'])('%s streams to the openai client what it answers whole', async (model) => {
    const asked = { model, messages, max_tokens: 40, temperature: 0 }
    const whole = await openai.chat.completions.create(asked)
    expect(whole.usage?.completion_tokens).toBeGreaterThan(1)
    let text = ''
    let usage: OpenAI.CompletionUsage | null = null
    let pieces = 0
    const options = { stream: true, stream_options: { include_usage: true } } as const
    for await (const chunk of await openai.chat.completions.create({ ...asked, ...options })) {
      text += chunk.choices[0]?.delta.content ?? ''
      usage = chunk.usage ?? usage
      pieces++
    }
    expect(text).toBe(whole.choices[0]?.message.content)
    expect(pieces).toBeGreaterThan(5)
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens)
  })

  test('an answer by a schema is JSON of that schema', async () => {
    const schema = {
      type: 'object',
      properties: { isGood: { type: 'boolean' }, kind: { enum: ['a', 'b'] } },
      required: ['isGood', 'kind'],
      additionalProperties: false,
    }
    const { choices } = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 200,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    })
    const answer: unknown = JSON.parse(choices[0]?.message.content ?? '')
    expect(answer).toEqual({ isGood: expect.any(Boolean), kind: expect.stringMatching(/^[ab]$/) })
  })

  test('the Anthropic client is translated to it, whole and streamed', async () => {
    const asked = { model: 'tiny', messages, max_tokens: 30, temperature: 0 }
    const whole = await anthropic.messages.create(asked)
    const [block] = whole.content
    expect(block).toMatchObject({ type: 'text', text: expect.stringMatching(/./) })
    expect(whole.usage.output_tokens).toBeGreaterThan(1)
    const streamed = await anthropic.messages.stream(asked).finalMessage()
    expect(streamed.content).toEqual(whole.content)
    expect(streamed.stop_reason).toBe(whole.stop_reason)
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens)
  })

  test('a client that leaves ends the work there', async () => {
    const stream = await openai.chat.completions.create({ model: 'tiny', messages, max_tokens: 900, stream: true })
    for await (const _ of stream) break
    await until(async () => /^sluice_streams_open\S* 0$/m.test(await gateway.readMetrics()), 'no stream is open')
    const next = await openai.chat.completions.create({ model: 'tiny', messages, max_tokens: 2 })
    expect(next.choices).toHaveLength(1)
  })

  test('an error of its own comes in its own words', async () => {
    const asked = openai.chat.completions.create({ model: 'tiny', messages, temperature: 0, max_tokens: 2, n: -1 })
    await expect(asked).rejects.toMatchObject({ status: 400 })
  })
})
