// What a backend has no equal of is refused by name, unless the request, or the model's object, says to drop it: then it is
// left out, and the answer's head names it. Contents are refused all the same.
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { callerKey, type Families, type FamilyName, nameModel, startFamilies } from './families.ts'

const translated = ['Anthropic', 'AWSBedrock', 'GoogleGemini', 'GoogleVertexAI', 'Cohere'] as const
const drop = { 'x-sluice-unsupported-parameters': 'drop' }
/** Of none of them. */
const parameters = { logit_bias: { '1': 1 }, verbosity: 'low', prediction: { type: 'content', content: 'x' } } as const

let families: Families
let gateway: TestGateway
let client: OpenAI
beforeAll(async () => {
  families = await startFamilies()
  gateway = await startGateway({
    manifests: `${families.manifests}\n---\n${renderDropping()}`,
    logLevel: 'warn',
  })
  client = new OpenAI({ apiKey: callerKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
afterAll(async () => {
  await gateway?.stop()
  await families?.close()
})

/** A model of each family that drops by itself. */
function renderDropping(): string {
  const documents = families.manifests.split('\n---\n')
  const models = translated.map((family) => {
    const model = documents.find((text) => text.includes(`name: ${family.toLowerCase()}--plain }`)) ?? ''
    const renamed = model.replace(
      /(metadata: \{ name: |modelName: )\S+/g,
      (_, field) => `${field}${nameDropping(family)}`,
    )
    return `${renamed}\n  unsupportedParameters: Drop`
  })
  return models.join('\n---\n')
}

const nameDropping = (family: FamilyName) => `${family.toLowerCase()}-dropping`

const question = { messages: [{ role: 'user' as const, content: 'Hi' }] }

async function ask(model: string, fields: object, headers: Record<string, string> = {}) {
  const { data, response } = await client.chat.completions
    .create({ model, ...question, ...fields }, { headers })
    .withResponse()
  const dropped = response.headers.get('x-sluice-dropped')?.split(', ') ?? []
  return { content: data.choices[0]?.message.content, dropped: dropped.sort() }
}

describe.each(translated)('%s', (family) => {
  const plain = nameModel(family, 'plain')

  test.each(Object.entries(parameters))('%s is refused by name', async (param, value) => {
    await expect(ask(plain, { [param]: value })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param,
    })
  })

  test('all are dropped and named where the request says so', async () => {
    const answer = await ask(plain, parameters, drop)
    expect(answer).toEqual({ content: 'OK.', dropped: Object.keys(parameters).sort() })
  })

  test('and where the model’s object says so', async () => {
    const answer = await ask(nameDropping(family), parameters)
    expect(answer).toEqual({ content: 'OK.', dropped: Object.keys(parameters).sort() })
  })

  test('what a provider takes is not dropped', async () => {
    const answer = await ask(nameModel(family, 'temperature'), { temperature: 0.5, ...parameters }, drop)
    expect(answer.dropped).not.toContain('temperature')
  })
})

test('contents are refused whatever is said: nobody expects an answer to half of a question', async () => {
  const image = { type: 'image_url', image_url: { url: 'https://images.example/cat.png' } }
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, image] }]
  await expect(ask(nameModel('AWSBedrock', 'plain'), { messages }, drop)).rejects.toMatchObject({
    status: 400,
    code: 'unsupported_parameter',
    param: expect.stringContaining('messages[0].content[1]'),
  })
})
