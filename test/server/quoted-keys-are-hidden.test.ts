// C6: a backend that quotes the gateway's own key in an error, whole or in a stream, passed or translated, tells it to no
// client; the rest of its words come through.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

const upstreamKey = 'sk-upstream-canary-51e0+/='
const words = `you sent ${upstreamKey}, and that is too much`
const openAiError = { error: { message: words, type: 'invalid_request_error', param: null, code: null } }
const anthropicError = { type: 'error', error: { type: 'invalid_request_error', message: words } }

const chunk =
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'
const messageStart =
  'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}\n\n' +
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n' +
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}\n\n'

/** By the model name that is sent: what the answer of each provider is. */
const answers: Readonly<Record<string, Readonly<Record<'openai' | 'anthropic', string>>>> = {
  early: {
    openai: `data: ${JSON.stringify(openAiError)}\n\n`,
    anthropic: `event: error\ndata: ${JSON.stringify(anthropicError)}\n\n`,
  },
  late: {
    openai: `${chunk}data: ${JSON.stringify(openAiError)}\n\n`,
    anthropic: `${messageStart}event: error\ndata: ${JSON.stringify(anthropicError)}\n\n`,
  },
}

let backend: HttpBackend
let gateway: TestGateway
beforeAll(async () => {
  backend = await createHttpBackend((request, response) => {
    const format = request.url.endsWith('/messages') ? 'anthropic' : 'openai'
    const stream = Object.keys(answers).find((name) => request.text.includes(`"${name}"`))
    if (stream === undefined) return json(400, format === 'anthropic' ? anthropicError : openAiError)(request, response)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(answers[stream]?.[format])
  })
  const model = (provider: string, name: string) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${provider.toLowerCase()}-${name} }
spec:
  modelName: ${provider.toLowerCase()}-${name}
  modelProvider: ${provider}
  modelType: LLM
  endpoint: ${backend.url}/v1
  upstreamModel: ${name}
  credentials: { secretRef: { name: keys, key: upstream } }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ${provider.toLowerCase()}-${name} }
spec: { path: '/${provider.toLowerCase()}-${name}', modelName: ${provider.toLowerCase()}-${name}, authentication: false }`
  const secret = `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { upstream: '${upstreamKey}' }`
  const names = ['whole', 'early', 'late']
  const models = ['OpenAI', 'Anthropic'].flatMap((provider) => names.map((name) => model(provider, name)))
  gateway = await startGateway({ manifests: [secret, ...models].join('\n---\n'), logLevel: 'trace' })
})
afterAll(async () => {
  await gateway?.stop()
  await backend?.close()
})

describe.each(['openai', 'anthropic'])('a backend of %s (C6)', (provider) => {
  describe.each(['chat/completions', 'messages'])('asked by %s', (operation) => {
    test.each(['whole', 'early', 'late'])('%s', async (name) => {
      const response = await fetch(`${gateway.url}/${provider}-${name}/${operation}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({
          model: `${provider}-${name}`,
          max_tokens: 9,
          stream: name !== 'whole',
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      })
      const said = await readAll(response)
      expect(said).toContain('and that is too much')
      expect(said).toContain('you sent [redacted]')
      expect(said).not.toContain(upstreamKey)
      expect(gateway.readLogText()).not.toContain(upstreamKey)
    })
  })
})

/** What came before the body was cut. */
async function readAll(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true })
  } catch {
    // A failed stream ends with a cut.
  }
  return text
}
