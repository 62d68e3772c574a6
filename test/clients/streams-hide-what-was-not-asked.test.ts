// E8: the official `openai` client on a route that counts tokens and money: it sees usage where it asked and nothing of it
// where it did not, and is charged to the token what the backend says either way.
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../support/until.ts'

const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { a: sk-a }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: teams }
spec:
  apiKeys: [{ consumer: team, secretRef: { name: keys, key: a } }]
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: counted }
spec: { path: /counted, modelName: gemma, rateLimit: { tokensPerDay: 1000000 } }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: gemma }
spec:
  modelName: gemma
  modelProvider: VLLM
  modelType: LLM
  endpoint: http://gemma.default.svc.cluster.local/v1
  pricing: { currency: USD, input: "1000000", output: "3000000" }
`

let gateway: TestGateway
let client: OpenAI
beforeAll(async () => {
  gateway = await startGateway({ manifests, settings: { simulate: true } })
  client = new OpenAI({ apiKey: 'sk-a', baseURL: `${gateway.url}/counted`, maxRetries: 0 })
})
afterAll(() => gateway.stop())

type Outcome = Readonly<{
  text: string
  usages: readonly OpenAI.CompletionUsage[]
  /** Chunks without choices. */
  emptyChunks: number
  isFinished: boolean
  /** Tokens left when it was admitted. */
  remaining: number
  line: Record<string, unknown>
}>

/** `stream` begins one; its answer and log line once it has been settled. */
async function read<Chunk extends { choices: readonly object[]; usage?: OpenAI.CompletionUsage | null }>(
  stream: Promise<{ data: AsyncIterable<Chunk>; response: Response; request_id: string | null }>,
  readText: (chunk: Chunk) => Readonly<{ text: string; isLast: boolean }>,
): Promise<Outcome> {
  const { data, response, request_id } = await stream
  let text = ''
  let emptyChunks = 0
  let isFinished = false
  const usages: OpenAI.CompletionUsage[] = []
  for await (const chunk of data) {
    if (chunk.choices.length === 0) emptyChunks++
    if (chunk.usage != null) usages.push(chunk.usage)
    const part = readText(chunk)
    text += part.text
    isFinished ||= part.isLast
  }
  const line = await until(() => gateway.log.find(({ requestId }) => requestId === request_id), 'its log line')
  const remaining = Number(response.headers.get('x-ratelimit-remaining-tokens'))
  return { text, usages, emptyChunks, isFinished, remaining, line }
}

const chat = (fields: Partial<OpenAI.Chat.ChatCompletionCreateParamsStreaming>) =>
  read(
    client.chat.completions
      .create({
        model: 'gemma',
        messages: [{ role: 'user', content: 'How many 言葉 make a stream?' }],
        stream: true,
        max_tokens: 90,
        ...fields,
      })
      .withResponse(),
    ({ choices: [choice] }) => ({ text: choice?.delta.content ?? '', isLast: choice?.finish_reason != null }),
  )

const complete = (fields: Partial<OpenAI.CompletionCreateParamsStreaming>) =>
  read(
    client.completions
      .create({ model: 'gemma', prompt: 'Once upon a time 🙂', stream: true, max_tokens: 90, ...fields })
      .withResponse(),
    ({ choices: [choice] }) => ({ text: choice?.text ?? '', isLast: choice?.finish_reason != null }),
  )

test.each([
  ['chat', chat, {}],
  ['chat with several choices', chat, { n: 3 }],
  ['completions', complete, {}],
] as const)('%s', async (_, ask, fields) => {
  const asked = await ask({ ...fields, stream_options: { include_usage: true } })
  expect(asked.usages).toHaveLength(1)
  expect(asked.emptyChunks).toBe(1)
  const [usage] = asked.usages
  if (usage === undefined) throw new Error('no usage')

  const first = await ask(fields)
  const second = await ask({ ...fields })
  for (const { text, usages, emptyChunks, isFinished, line } of [first, second]) {
    expect({ text, usages, emptyChunks, isFinished }).toEqual({
      text: asked.text,
      usages: [],
      emptyChunks: 0,
      isFinished: true,
    })
    expect(line).toMatchObject({
      stream: 'complete',
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      cost: String(usage.prompt_tokens + 3 * usage.completion_tokens),
    })
    expect(line).not.toHaveProperty('usageEstimated')
  }
  // Both reserve the same: what the first was charged is the difference.
  expect(first.remaining - second.remaining).toBe(usage.total_tokens)
  expect(usage.total_tokens).toBeGreaterThan(10)
})
