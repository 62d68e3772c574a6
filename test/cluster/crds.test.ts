// The CRDs on a real API server: the seed applies as it stands, every table of test/crds gets the same answer as
// offline, and kubectl's explain and get read well.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { createResourceValidator } from '../../src/config/validation/resource-validator.ts'
import { describeCluster, shareCluster } from '../support/cluster/describe-cluster.ts'
import { type Manifest, readInvalidFixtures, readSeedFixtures, readValidFixtures } from '../support/crd-fixtures.ts'
import { listMutants, type Mutant } from '../support/crd-mutants.ts'

const validator = createResourceValidator()
const plurals: Readonly<Record<string, string>> = {
  AIModel: 'aimodels',
  AIGatewayRoute: 'aigatewayroutes',
  AIAuthPolicy: 'aiauthpolicies',
  LLMModelConfig: 'llmmodelconfigs',
}

let namespace = ''

function readField(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
}

/** Creates an object strictly, without keeping it. */
async function createDry(object: Manifest): Promise<Readonly<{ status: number; body: unknown; text: string }>> {
  const path = `/apis/${object.apiVersion}/namespaces/${namespace}/${plurals[object.kind]}`
  return shareCluster().api('POST', `${path}?dryRun=All&fieldValidation=Strict`, { body: object })
}

describeCluster('the CRDs', () => {
  beforeAll(async () => {
    await shareCluster().applyCrds()
    namespace = await shareCluster().createNamespace('crds')
  })

  test('are applied without a word', async () => {
    const applied = await shareCluster().kubectl(['apply', '--server-side', '--force-conflicts', '-f', 'crds'])
    expect(applied).toMatchObject({ code: 0, stderr: '' })
  })

  test.each(readSeedFixtures())('the seed applies as it stands: $file', async ({ text, objects }) => {
    const applied = await shareCluster().kubectl(['apply', '-n', namespace, '-f', '-'], { stdin: text })
    expect(applied).toMatchObject({ code: 0, stderr: '' })
    expect(applied.stdout.trim().split('\n')).toHaveLength(objects.length)
  })

  describe('accepted, with the same defaults as offline', () => {
    const objects = [...readSeedFixtures(), ...readValidFixtures()].flatMap(({ file, objects }) =>
      objects.map((object) => ({ file, object, name: object.metadata.name })),
    )
    test.each(objects)('$file: $name', async ({ object }) => {
      // Renamed, because the seed is there by now.
      const renamed = { ...object, metadata: { ...object.metadata, name: `dry-${object.metadata.name}` } }
      const { status, body, text } = await createDry(renamed)
      expect(status, text).toBe(201)
      expect(body).toMatchObject({ spec: expect.anything() })
      expect(validator.validate(renamed).resource?.spec).toEqual(readField(body, 'spec'))
    })
  })

  describe('refused, in the words and at the place of offline', () => {
    test.each(readInvalidFixtures())('$file', async ({ object, expected, at }) => {
      const { status, text, body } = await createDry(object)
      expect(status, text).toBeGreaterThanOrEqual(400)
      expect(readField(body, 'message')).toContain(expected)
      // A refusal by the strict decoder has no list of causes.
      const causes: unknown = readField(readField(body, 'details'), 'causes')
      if (causes === undefined) expect(text).toContain(`\\"${at}\\"`)
      else expect(causes).toContainEqual(expect.objectContaining({ field: at }))
      expect(validator.validate(object).problems).not.toEqual([])
    })
  })

  test('offline and server agree on a thousand mutated objects', { timeout: 120_000 }, async () => {
    const mutants = listMutants([...readSeedFixtures(), ...readValidFixtures()].flatMap(({ objects }) => objects))
    expect(mutants.length).toBeGreaterThan(1_000)
    const disagreements: string[] = []
    const check = async ({ object, change }: Mutant): Promise<void> => {
      const { status, body, text } = await createDry(object)
      const { resource, problems } = validator.validate(object)
      const isSame = status === 201 ? isDeepStrictEqual(resource?.spec, readField(body, 'spec')) : problems.length > 0
      if (!isSame) disagreements.push(`${change}: ${status === 201 ? JSON.stringify(problems) : text}`)
    }
    // A few at a time: one after another they take four times as long.
    const queue = mutants.values()
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const mutant of queue) await check(mutant)
      }),
    )
    expect(disagreements).toEqual([])
  })

  test.each([
    ['aim', ['DESCRIPTION:', 'pool of targets']],
    ['aim.spec.modelName', ['The unique name of the AI model.']],
    ['aim.spec.timeouts', ['0s means no limit', 'firstByte <string>', 'first byte of the answer']],
    ['aim.spec.pricing.input', ['million input', '"2.50"']],
    ['aim.status.phase', ['ENUM: Ready Initializing Updating Error', 'Current phase of the AI model']],
    ['aigr.spec.rateLimit.per', ['ENUM: Route Consumer ClientIP', 'Default Route']],
    ['aigr.spec.backends.modelRef', ['ReferenceGrant', '-required-']],
    ['aigr.spec.strategy.type', ['ConsistentHash', 'Default']],
    ['aiap.spec.apiKeySelector', ['ai.example.com/consumer']],
    ['llm.spec.autoscaling', ['scaleDownDelay <string>', '5m']],
  ])('kubectl explain %s', async (field, parts) => {
    const { code, stdout, stderr } = await shareCluster().kubectl(['explain', field])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const part of parts) expect(stdout.replaceAll(/\s+/g, ' ')).toContain(part)
  })

  test('kubectl explain --recursive knows every field of the schemas', async () => {
    for (const [kind, plural] of Object.entries(plurals)) {
      const { stdout } = await shareCluster().kubectl(['explain', plural, '--recursive'])
      expect(stdout).toContain(`KIND:       ${kind}`)
      expect(stdout).not.toContain('<no description>')
    }
  })

  test('kubectl get shows what people look for', async () => {
    const policy = readFileSync(join(import.meta.dirname, '../crds/valid/policy-full.yaml'), 'utf8')
    await shareCluster().kubectl(['apply', '-n', namespace, '-f', '-'], { stdin: policy })
    const get = async (...args: string[]) => (await shareCluster().kubectl(['get', ...args, '-n', namespace])).stdout
    expect(await get('aim')).toMatch(/^NAME +MODELNAME +PROVIDER +VERSION +TYPE +PHASE +AGE\n/)
    expect(await get('aim')).toMatch(/^new-llm-model +gemma-2b-it +HuggingFace +v1\.0 +LLM /m)
    expect(await get('aigr')).toMatch(/^NAME +PATH +TARGET +MODELNAME +AUTH +PHASE +AGE\n/)
    expect(await get('aigr')).toMatch(
      /^sentiment-analysis-route +\/v1\/sentiment +sentiment-model-service\S+ +sentiment-analyzer +true /m,
    )
    expect(await get('aiap')).toMatch(/^NAME +TARGETS +CONSUMERS +PHASE +AGE\n/)
    expect(await get('llm')).toMatch(/^NAME +MODELNAME +PROVIDER +DESIRED +READY +PHASE +AGE\n/)
    expect(await get('llm')).toMatch(/^gemma-2b-inference +gemma-2b-it +HuggingFace +2 /m)
    const all = await get('sluice')
    for (const name of ['new-llm-model', 'sentiment-analysis-route', 'search', 'gemma-2b-inference']) {
      expect(all).toContain(name)
    }
  })

  test('status is a subresource: partial ones are kept, and a manifest cannot write it', async () => {
    const base = `/apis/ai.example.com/v1/namespaces/${namespace}/aimodels`
    const spec = { modelName: 'status-test', modelProvider: 'OpenAI', modelType: 'LLM' }
    const metadata = { name: 'status-test' }
    const object = { apiVersion: 'ai.example.com/v1', kind: 'AIModel', metadata, spec, status: { phase: 'Ready' } }
    const created = await shareCluster().api('POST', base, { body: object })
    expect(created.status).toBe(201)
    expect(created.body).not.toHaveProperty('status')
    const status = { modelEndpoint: 'http://a', observedGeneration: 1, conditions: [] }
    const stored = { ...Object(created.body), status }
    const updated = await shareCluster().api('PUT', `${base}/status-test/status`, { body: stored })
    expect(updated.body).toHaveProperty('status', status)
  })

  test('kubectl scale changes the replicas of an LLMModelConfig', async () => {
    const scale = ['scale', 'llm/gemma-2b-inference', '--replicas=3', '-n', namespace]
    expect(await shareCluster().kubectl(scale)).toMatchObject({ code: 0 })
    const read = ['get', 'llm', 'gemma-2b-inference', '-n', namespace, '-o', 'jsonpath={.spec.replicas}']
    expect((await shareCluster().kubectl(read)).stdout).toBe('3')
  })
})
