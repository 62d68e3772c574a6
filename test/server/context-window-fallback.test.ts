// An input that is too long for one target goes to one with more room, whatever the route's conditions are; where there is
// none, the target's own words are passed on.
import { describe, expect, test } from 'vitest'
import { type HttpBackendHandler, json } from '../support/http-backend.ts'
import { renderEvent } from '../support/http-bytes.ts'
import { answerAs, startRetryGateway } from './retry-gateway.ts'

const openAiWords = {
  error: {
    message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    type: 'invalid_request_error',
    param: 'messages',
    code: 'context_length_exceeded',
  },
}
const vllmWords = { error: { ...openAiWords.error, code: 400, type: 'BadRequestError' } }
const anthropicWords = {
  type: 'error',
  error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' },
}
const otherWords = { error: { message: 'Unknown parameter', type: 'invalid_request_error', code: 'unknown_parameter' } }

const good = json(200, answerAs('large'))
const windows = (...tokens: readonly (number | null)[]) =>
  tokens.map((contextWindowTokens) => (contextWindowTokens === null ? {} : { limits: { contextWindowTokens } }))
const retry = { attempts: 0, conditions: ['connect-failure'] }
/** Long enough to need it, so that the smallest is not passed over as too small from the start. */
const fields = { max_tokens: 1 }

describe.each<[string, HttpBackendHandler]>([
  ['in OpenAI’s words', json(400, openAiWords)],
  ['in vLLM’s', json(400, vllmWords)],
])('%s', (_, tooLong) => {
  test('a larger target answers', async () => {
    const { ask } = await startRetryGateway({ targets: [tooLong, good], models: windows(8_192, 128_000), retry })
    const response = await ask(fields)
    expect([response.status, response.headers.get('x-sluice-target')]).toEqual([200, 'default/t1'])
  })

  test('one whose window is unknown is tried too', async () => {
    const { ask } = await startRetryGateway({ targets: [tooLong, good], models: windows(8_192, null), retry })
    expect((await ask(fields)).status).toBe(200)
  })

  test('one that is no larger is not, and the words are passed on', async () => {
    const { ask, backends } = await startRetryGateway({
      targets: [tooLong, good],
      models: windows(8_192, 8_192),
      retry,
    })
    const response = await ask(fields)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('maximum context length')
    expect(backends[1]?.requests).toHaveLength(0)
  })
})

test('it goes past one that is too small to one that is not', async () => {
  const { ask, backends } = await startRetryGateway({
    targets: [json(400, openAiWords), good, good],
    models: windows(8_192, 4_096, 32_000),
    retry,
  })
  expect((await ask(fields)).headers.get('x-sluice-target')).toBe('default/t2')
  expect(backends[1]?.requests).toHaveLength(0)
})

test('another mistake of the client’s is answered at once', async () => {
  const { ask, backends } = await startRetryGateway({
    targets: [json(400, otherWords), good],
    models: windows(8_192, 128_000),
    retry,
  })
  const response = await ask(fields)
  expect([response.status, await response.json()]).toEqual([400, otherWords])
  expect(backends[1]?.requests).toHaveLength(0)
})

test('Anthropic’s words count, from one dialect to the other', async () => {
  const { ask } = await startRetryGateway({
    targets: [json(400, anthropicWords), good],
    models: [{ modelProvider: 'Anthropic', limits: { contextWindowTokens: 200_000 } }, {}],
    retry,
  })
  const own = await ask(fields, { path: '/v1/messages' })
  expect([own.status, own.headers.get('x-sluice-target')]).toEqual([200, 'default/t1'])
  const translated = await ask(fields)
  expect([translated.status, translated.headers.get('x-sluice-target')]).toEqual([200, 'default/t1'])
})

test('a stream that begins with it counts too', async () => {
  const begins: HttpBackendHandler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(renderEvent(openAiWords))
  }
  const { ask } = await startRetryGateway({ targets: [begins, good], models: windows(8_192, 128_000), retry })
  const response = await ask({ ...fields, stream: true })
  expect([response.status, response.headers.get('x-sluice-target')]).toEqual([200, 'default/t1'])
})
