// B5, G1, G3, G4: failing over inside one exchange between backends of different formats. Before the first byte the client
// gets one clean answer in its own dialect, whoever gave it; after it an error event, and nobody else is asked.
import { createServer } from 'node:net'
import { Anthropic } from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { errors, script } from './backends/scenarios.ts'
import { callerKey, type Families, type FamilyName, startFamilies } from './families.ts'

const apis = ['chat', 'messages', 'responses'] as const
type Api = (typeof apis)[number]

/** What the first backend does, before anything of an answer has gone out. */
const failures = ['refused', 'reset', 'error-broken', 'error-rate-limited', 'error-overloaded', 'stream-error'] as const
type Pair = readonly [FamilyName, FamilyName]
const openAiFirst: Pair = ['OpenAI', 'Anthropic']
const pairs: readonly Pair[] = [openAiFirst, ['Anthropic', 'OpenAI'], ['AWSBedrock', 'GoogleGemini']]

let families: Families
let gateway: TestGateway

const objectName = (family: FamilyName, scenario: string) => `${family.toLowerCase()}--${scenario}`
const routeName = ([first, second]: Pair, failure: string, api: Api) =>
  `${first}-${second}-${failure}-${api}`.toLowerCase()

/** `first` is asked before `second`. A name for each client API, so that no failure rests a target for the next one. */
function renderPair(pair: Pair, failure: string, answer: string): readonly string[] {
  const [first, second] = pair
  return apis.flatMap((api) => {
    const name = routeName(pair, failure, api)
    const copy = (family: FamilyName, scenario: string, suffix: string) => {
      const model = documents.get(objectName(family, scenario)) ?? ''
      return model
        .replace(/metadata: .*/, `metadata: { name: ${name}-${suffix} }`)
        .replace(/modelName: .*/, `modelName: ${name}-${suffix}`)
    }
    const scenario = failure === 'refused' ? 'plain' : failure
    const one = copy(first, scenario, 'one')
    return [
      failure === 'refused' ? one.replace(/endpoint: http:\/\/[^/\s]+/, `endpoint: ${closedUrl}`) : one,
      copy(second, answer, 'two'),
      `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ${name} }
spec:
  path: /${name}
  modelName: ${name}
  backends:
    - { modelRef: { name: ${name}-one, kind: AIModel }, priority: 0 }
    - { modelRef: { name: ${name}-two, kind: AIModel }, priority: 1 }
  retry: { attempts: 2, conditions: [connect-failure, reset-before-first-byte, timeout, '429', 5xx] }`,
    ]
  })
}

/** The families' own documents by object name. */
let documents: ReadonlyMap<string, string>
let closedUrl: string
/** What answers halfway, after which nobody else may be asked. */
const late = ['cut', 'late-error'] as const

beforeAll(async () => {
  families = await startFamilies()
  closedUrl = `http://127.0.0.1:${await findClosedPort()}`
  const all = families.manifests.split('\n---\n')
  documents = new Map(all.map((text) => [/kind: AIModel\nmetadata: \{ name: (\S+) \}/.exec(text)?.[1] ?? '', text]))
  const manifests = [
    ...all.filter((text) => !text.includes('kind: AIModel')),
    ...pairs.flatMap((pair) => failures.flatMap((failure) => renderPair(pair, failure, 'tools'))),
    ...pairs.flatMap((pair) => late.flatMap((failure) => renderPair(pair, failure, 'plain'))),
    ...renderPair(openAiFirst, 'error-not-found', 'plain'),
  ]
  gateway = await startGateway({ manifests: manifests.join('\n---\n'), logLevel: 'warn' })
})
afterAll(async () => {
  await gateway?.stop()
  await families?.close()
})

async function findClosedPort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A kept-alive connection that is reset is tried anew first; who said when to come back is left alone until then. */
function countAttempts(failure: (typeof failures)[number], isSecond: boolean): RegExp {
  if (failure === 'reset') return /^[23]$/
  return failure === 'error-rate-limited' && isSecond ? /^1$/ : /^2$/
}

const question = 'What is the weather in Zürich?'
const { toolDescription: description, toolSchema } = script
const schema = { ...toolSchema, required: [...toolSchema.required] }
const name = 'get_weather'

/** The same question in each API: its call's arguments, and the head's own word on who answered. */
const asks: Readonly<Record<Api, (model: string, isStream: boolean) => Promise<readonly unknown[]>>> = {
  async chat(model, isStream) {
    const client = createOpenAi()
    const tools = [{ type: 'function' as const, function: { name, description, parameters: schema } }]
    const body = { model, messages: [{ role: 'user' as const, content: question }], tools }
    const answer = isStream
      ? await client.chat.completions.stream(body).finalChatCompletion()
      : await client.chat.completions.create(body)
    expect(answer.choices).toHaveLength(1)
    return (answer.choices[0]?.message.tool_calls ?? []).map((call) =>
      call.type === 'function' ? (JSON.parse(call.function.arguments) as unknown) : call,
    )
  },
  async messages(model, isStream) {
    const client = new Anthropic({ apiKey: callerKey, baseURL: gateway.url, maxRetries: 0, fetch: fetchLike })
    const tools = [{ name, description, input_schema: schema }]
    const body = { model, max_tokens: 1000, messages: [{ role: 'user' as const, content: question }], tools }
    const answer = isStream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body)
    return answer.content.flatMap((block) => (block.type === 'tool_use' ? [block.input] : []))
  },
  async responses(model, isStream) {
    const client = createOpenAi()
    const tools = [{ type: 'function' as const, name, description, parameters: schema, strict: false }]
    const body = { model, input: question, tools, store: false }
    const answer = isStream ? await client.responses.stream(body).finalResponse() : await client.responses.create(body)
    return answer.output.flatMap((item) =>
      item.type === 'function_call' ? [JSON.parse(item.arguments) as unknown] : [],
    )
  },
}

let head = new Headers()
const fetchLike: typeof fetch = async (...given) => {
  const response = await fetch(...given)
  head = response.headers
  return response
}
function createOpenAi(): OpenAI {
  return new OpenAI({ apiKey: callerKey, baseURL: `${gateway.url}/v1`, maxRetries: 0, fetch: fetchLike })
}

describe.each(pairs)('%s, then %s', (...pair) => {
  const [, second] = pair
  describe.each(failures)('B5, G1, G3, G4: %s before the first byte: one clean answer', (failure) => {
    test.each(apis)('%s', async (api) => {
      const model = routeName(pair, failure, api)
      for (const isStream of [false, true]) {
        const before = families.backends[second].http.requests.length
        expect(await asks[api](model, isStream)).toEqual([script.zurich])
        expect(head.get('x-sluice-attempts')).toMatch(countAttempts(failure, isStream))
        expect(head.get('x-sluice-target')).toContain(`${model}-two`)
        expect(families.backends[second].http.requests.length - before).toBe(1)
        expect(families.backends[second].refusals).toEqual([])
      }
    })
  })

  describe.each(late)('B4, B5: %s after the first byte: an error event, nobody else is asked', (failure) => {
    test.each(apis)('%s', async (api) => {
      const before = families.backends[second].http.requests.length
      const { text, isAborted } = await streamRaw(api, routeName(pair, failure, api))
      expect(text).toContain('I am ')
      expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed/)
      expect(readLastEvent(api, text)).toMatchObject(
        api === 'messages'
          ? { type: 'error', error: { type: expect.stringMatching(/_error$/) } }
          : api === 'chat'
            ? { error: { message: expect.stringMatching(/./) } }
            : { type: expect.stringMatching(/^(error|response\.failed)$/) },
      )
      expect(isAborted).toBe(true)
      expect(families.backends[second].http.requests.length).toBe(before)
    })
  })
})

test('what a backend says of the request itself is the answer: 404 is not tried elsewhere', async () => {
  const before = families.backends.Anthropic.http.requests.length
  const asked = asks.chat(routeName(openAiFirst, 'error-not-found', 'chat'), false)
  await expect(asked).rejects.toMatchObject({ status: 404, message: expect.stringContaining(errors.notFound.message) })
  expect(families.backends.Anthropic.http.requests.length).toBe(before)
})

const bodies: Readonly<Record<Api, readonly [string, object]>> = {
  chat: ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }],
  messages: ['/v1/messages', { max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }],
  responses: ['/v1/responses', { input: 'Hi' }],
}

/** Everything that came of a stream, and whether its body was aborted. */
async function streamRaw(api: Api, model: string): Promise<Readonly<{ text: string; isAborted: boolean }>> {
  const [path, body] = bodies[api]
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${callerKey}` },
    body: JSON.stringify({ model, stream: true, ...body }),
  })
  expect([response.status, response.headers.get('x-sluice-attempts')]).toEqual([200, '1'])
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
  } catch {
    return { text, isAborted: true }
  }
  return { text, isAborted: false }
}

function readLastEvent(api: Api, text: string): unknown {
  const last = text.trimEnd().split('\n\n').at(-1) ?? ''
  if (api !== 'chat') expect(last).toMatch(/^event: (error|response\.failed)\n/)
  return JSON.parse(/^data: (.*)$/m.exec(last)?.[1] ?? 'null')
}
