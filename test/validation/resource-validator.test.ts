// The offline validator: whole objects of all kinds, what it returns, and that it is fast and leaks nothing.
import { describe, expect, test } from 'vitest'
import { createResourceValidator } from '../../src/config/validation/resource-validator.ts'

const validator = createResourceValidator()

const route = (spec: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>> = {}) => ({
  apiVersion: 'ai.example.com/v1',
  kind: 'AIGatewayRoute',
  metadata: { name: 'chat' },
  spec: { path: '/v1/demo', targetService: 'demo', ...spec },
  ...rest,
})

const list = (object: unknown) => validator.validate(object).problems.map(({ path, reason }) => `${path}: ${reason}`)

describe('kinds', () => {
  test.each([
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
    [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: {} }],
    [{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'a' }, spec: {} }],
    [{ apiVersion: 'example.com/v1', kind: 'AIModel', metadata: { name: 'a' }, spec: {} }],
  ])('of no concern are ignored: %o', (object) => {
    expect(validator.validate(object)).toEqual({ resource: null, secret: null, problems: [] })
  })

  test.each([
    [null, '', 'must be an object with apiVersion, kind and metadata'],
    [[], '', 'must be an object with apiVersion, kind and metadata'],
    ['text', '', 'must be an object with apiVersion, kind and metadata'],
    [{ kind: 'AIModel' }, 'apiVersion', 'Required value'],
    [{ apiVersion: 'ai.example.com/v1' }, 'kind', 'Required value'],
    [
      { apiVersion: 'ai.example.com/v1alpha1', kind: 'AIModel' },
      'apiVersion',
      'AIModel is of ai.example.com/v1, not of ai.example.com/v1alpha1',
    ],
    [
      { apiVersion: 'ai.example.com/v1', kind: 'LLMModelConfig' },
      'apiVersion',
      'LLMModelConfig is of llm.example.com/v1, not of ai.example.com/v1',
    ],
    [
      { apiVersion: 'ai.example.com/v1', kind: 'AIRoute' },
      'kind',
      'no kind AIRoute in ai.example.com (it has AIAuthPolicy, AIGatewayRoute, AIModel)',
    ],
    [{ apiVersion: 'ai.example.com/v1', kind: 'AiModel' }, 'kind', expect.stringMatching(/; did you mean AIModel\?$/)],
  ])('that are none of ours in our groups are named: %o', (object, path, reason) => {
    expect(validator.validate(object)).toEqual({
      resource: null,
      secret: null,
      problems: [{ path, reason, rule: 'kind' }],
    })
  })
})

describe('metadata', () => {
  test.each([
    [undefined, 'metadata: Required value'],
    [{}, 'metadata.name: Required value'],
    [{ name: 'Chat' }, 'metadata.name: must be lower case'],
    [{ name: 7 }, 'metadata.name: must be lower case'],
    [{ name: 'a'.repeat(254) }, 'metadata.name: must be lower case'],
    [{ name: 'a', namespace: 'team.a' }, 'metadata.namespace: must be lower case'],
    [{ name: 'a', labels: { 'a/b': true } }, 'metadata.labels["a/b"]: must be of type string: quote it'],
    [{ name: 'a', annotations: [] }, 'metadata.annotations: must be of type object'],
  ])('%o', (metadata, expected) => {
    const problems = list(route({}, { metadata }))
    expect(problems).toEqual([expect.stringContaining(expected)])
  })

  test('keeps what is read of it and drops the rest', () => {
    const read = {
      name: 'a.b',
      namespace: 'team',
      uid: 'u',
      generation: 3,
      labels: { a: 'b' },
      annotations: { c: 'd' },
    }
    const { resource } = validator.validate(route({}, { metadata: { ...read, managedFields: [], finalizers: ['x'] } }))
    expect(resource?.metadata).toEqual(read)
  })
})

describe('what comes back', () => {
  test('has defaults, at every depth where their parent is', () => {
    const { resource } = validator.validate(route({ backends: undefined, rateLimit: { requestsPerMinute: 1 } }))
    expect(resource).toEqual({
      apiVersion: 'ai.example.com/v1',
      kind: 'AIGatewayRoute',
      metadata: { name: 'chat' },
      spec: {
        path: '/v1/demo',
        pathType: 'Prefix',
        targetService: 'demo',
        authentication: true,
        strategy: { type: 'WeightedRandom' },
        rateLimit: { requestsPerMinute: 1, per: 'Route', onStoreFailure: 'Allow' },
        retry: { attempts: 2, conditions: ['connect-failure'], backoff: '25ms' },
      },
    })
  })

  test('is a copy: the object as written stays as it was, and defaults are not shared', () => {
    const written = Object.freeze(route({ rateLimit: Object.freeze({ requestsPerMinute: 1, bogus: 1 }) }))
    const before = JSON.stringify(written)
    const first = validator.validate(written).resource
    const second = validator.validate(written).resource
    expect(JSON.stringify(written)).toBe(before)
    expect(Reflect.get(Object(first?.spec), 'retry')).not.toBe(Reflect.get(Object(second?.spec), 'retry'))
  })

  test('is pruned of unknown fields, which are reported with a hint', () => {
    const { resource, problems } = validator.validate(
      route({ rateLimits: {}, timeouts: { total: '5s', idel: '5s' }, hostname: 'a' }, { sepc: {} }),
    )
    expect(problems).toEqual([
      { path: 'spec.rateLimits', reason: 'unknown field; did you mean rateLimit?', rule: 'unknown-field' },
      { path: 'spec.hostname', reason: 'unknown field; did you mean hostnames?', rule: 'unknown-field' },
      { path: 'spec.timeouts.idel', reason: 'unknown field; did you mean idle?', rule: 'unknown-field' },
      { path: 'sepc', reason: 'unknown field; did you mean spec?', rule: 'unknown-field' },
    ])
    expect(resource?.spec).toMatchObject({ timeouts: { total: '5s' } })
    expect(resource?.spec).not.toHaveProperty('rateLimits')
    expect(resource?.spec).not.toHaveProperty('timeouts.idel')
  })

  test('has what a status would say left out, whatever it is', () => {
    expect(validator.validate(route({}, { status: 'nonsense' })).resource).not.toHaveProperty('status')
  })

  test('keeps free-form fields as they are, nulls included', () => {
    const parameters = { stop: null, nested: { any: [1, 'a', null] }, logit_bias: { '50256': -100 } }
    const model = {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIModel',
      metadata: { name: 'a' },
      spec: { modelName: 'a', modelProvider: 'OpenAI', modelType: 'LLM', parameters },
    }
    const { resource, problems } = validator.validate(model)
    expect(problems).toEqual([])
    expect(resource?.spec).toMatchObject({ parameters })
  })
})

describe('several faults', () => {
  test('are all named at once, each at its place', () => {
    expect(list(route({ path: 'v1//x', pathType: 'Regex', rateLimit: {}, retry: { attempts: 'many' } }))).toEqual([
      'spec.pathType: Unsupported value: "Regex": supported values: "Prefix", "Exact"',
      'spec.retry.attempts: must be of type integer, is string',
      'spec.path: must start with /',
      'spec.path: must not hold //',
      'spec.rateLimit: must hold at least one number, such as requestsPerMinute',
    ])
  })

  test('a wrong shape does not set off the rules that count on it', () => {
    expect(list(route({ rateLimit: 5, backends: 'gpt-4o', strategy: { type: 7 } }))).toEqual([
      expect.stringContaining('spec.backends: must be of type array'),
      expect.stringContaining('spec.strategy.type: must be of type string'),
      expect.stringContaining('spec.strategy.type: Unsupported value: 7'),
      expect.stringContaining('spec.rateLimit: must be of type object'),
    ])
  })

  test('hostile keys are fields like others', () => {
    const hostile: unknown = JSON.parse(
      '{"__proto__":{"path":"/x"},"constructor":1,"toString":2,"path":"/v1/a","targetService":"a"}',
    )
    const { problems } = validator.validate({ ...route({}), spec: hostile })
    expect(problems.map(({ path }) => path).sort()).toEqual(['spec.__proto__', 'spec.constructor', 'spec.toString'])
  })
})

describe('Secret', () => {
  const secret = (rest: Readonly<Record<string, unknown>>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'default' },
    ...rest,
  })

  test('comes back typed, as written', () => {
    const object = secret({ type: 'Opaque', data: { token: 'YWJj' }, stringData: { 'a.txt': 'plain text' } })
    expect(validator.validate({ ...object, immutable: true })).toEqual({ resource: null, secret: object, problems: [] })
  })

  test.each([
    [{ data: { token: 'not base64!' } }, 'data.token: must be base64; plain text goes into stringData'],
    [{ data: { token: 'YWJ' } }, 'data.token: must be base64; plain text goes into stringData'],
    [{ data: { token: 5 } }, 'data.token: must be of type string: quote it'],
    [{ data: ['a'] }, 'data: must be of type object'],
    [{ stringData: { port: 8080 } }, 'stringData.port: must be of type string: quote it'],
    [{ stringData: { 'a b': 'c' } }, 'stringData: a key may hold letters, digits, -, _ and . only'],
    [{ type: 1 }, 'type: must be of type string'],
    [{ stringdata: {} }, 'stringdata: unknown field; did you mean stringData?'],
  ])('%o', (rest, expected) => {
    expect(list(secret(rest))).toEqual([expected])
  })

  test('no problem holds a value', () => {
    const canary = 'canary-7d1f'
    const rest = {
      data: { a: `${canary}!`, [`b${canary} `]: canary },
      stringData: { c: [canary] },
      type: { d: canary },
    }
    const { secret: parsed, problems } = validator.validate(secret(rest))
    expect(parsed).toBeNull()
    expect(problems.length).toBeGreaterThan(3)
    expect(JSON.stringify(problems)).not.toContain(canary)
  })
})

describe('ReferenceGrant', () => {
  const grant = (version: string, spec: unknown) => ({
    apiVersion: `gateway.networking.k8s.io/${version}`,
    kind: 'ReferenceGrant',
    metadata: { name: 'allow', namespace: 'models' },
    spec,
  })
  const from = [{ group: 'ai.example.com', kind: 'AIGatewayRoute', namespace: 'default' }]

  test.each(['v1beta1', 'v1'])('of %s is accepted', (version) => {
    const object = grant(version, {
      from,
      to: [
        { group: '', kind: 'Secret' },
        { group: 'ai.example.com', kind: 'AIModel', name: 'a' },
      ],
    })
    expect(validator.validate(object)).toEqual({ resource: object, secret: null, problems: [] })
  })

  test('that grants nothing is refused', () => {
    expect(list(grant('v1', { from }))).toEqual(['spec.to: Required value'])
    expect(list(grant('v1', { from, to: [] }))).toEqual(['spec.to: should have at least 1 items'])
    expect(
      list(
        grant('v1', { from: [{ kind: 'AIGatewayRoute', namespace: 'default' }], to: [{ group: '', kind: 'Secret' }] }),
      ),
    ).toEqual(['spec.from[0].group: Required value'])
  })
})

test('10,000 routes take less than 1.5 s of one core', () => {
  const objects = Array.from({ length: 10_000 }, (_, index) =>
    route({
      path: `/v1/route-${index}`,
      hostnames: ['api.example.com'],
      rateLimit: { requestsPerMinute: 100 },
      timeouts: { connect: '2s', total: '10m' },
      headers: { request: { set: [{ name: 'X-Team', value: 'search' }] } },
    }),
  )
  // Processor time, so that a busy machine does not fail it.
  const startedMicros = process.cpuUsage()
  const refused = objects.filter((object) => validator.validate(object).resource === null)
  expect(refused).toEqual([])
  const { user, system } = process.cpuUsage(startedMicros)
  expect(user + system).toBeLessThan(1_500_000)
})
