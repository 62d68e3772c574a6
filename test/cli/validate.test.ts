// `sluice validate`: every error with file and line, warnings that do not fail, exit codes that scripts can use.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runValidate } from '../../src/cli/validate.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-validate-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

type Run = { exitCode: number; lines: readonly string[]; errors: string; text: string }

async function validate(
  files: Readonly<Record<string, string>>,
  options: { paths?: readonly string[]; environment?: NodeJS.ProcessEnv; isTTY?: boolean } = {},
): Promise<Run> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const output = createSink()
  const errorOutput = createSink()
  const exitCode = await runValidate(
    (options.paths ?? ['.']).map((path) => resolve(folder, path)),
    {
      stdout: { ...output, isTTY: options.isTTY ?? false },
      stderr: errorOutput,
      environment: options.environment ?? {},
    },
  )
  const strip = (text: string) => text.replaceAll(`${folder}/`, '')
  const text = strip(output.read())
  return { exitCode, text, lines: text.trimEnd().split('\n'), errors: strip(errorOutput.read()) }
}

function createSink() {
  const written: string[] = []
  return { write: (text: string) => void written.push(text), read: () => written.join('') }
}

const route = `apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata:
  name: open
spec:
  path: /open
  targetService: web.default.svc
  authentication: false
`

describe('good manifests', () => {
  it('are counted, exit 0', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n'
    expect(await validate({ 'a.yaml': `${route}---\n${secret}`, 'b.json': '' })).toMatchObject({
      exitCode: 0,
      lines: ['2 objects in 2 files: ok'],
      errors: '',
    })
  })

  it('the seed fits the schema as it stands; its closed route needs a policy beside it', async () => {
    const seed = join(import.meta.dirname, '../seed')
    const { exitCode, lines } = await validate({}, { paths: [seed] })
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/ai-gateway-route\.yaml:1: .*sentiment-analysis-route: .*no AIAuthPolicy/)
    expect([lines[1], exitCode]).toEqual(['4 objects in 3 files: ok', 0])

    await writeFile(
      join(folder, 'policy.yaml'),
      'apiVersion: ai.example.com/v1\nkind: AIAuthPolicy\nmetadata:\n  name: keys\nspec:\n  apiKeySelector:\n    matchLabels: {key: "yes"}\n',
    )
    const whole = await validate({}, { paths: [seed, '.'] })
    expect([whole.exitCode, whole.text]).toEqual([0, '5 objects in 4 files: ok\n'])
  })
})

describe('errors', () => {
  it('name file, line, path and reason, in order, and exit 1', async () => {
    const { exitCode, lines } = await validate({
      'a.yaml': `${route}  ratelimit: {}\n---\n${route.replace('name: open', 'name: second').replace('/open', 'open')}`,
      'b.yaml': 'kind: [\n',
    })
    expect(lines[0]).toBe('a.yaml:9: spec.ratelimit: unknown field; did you mean rateLimit?')
    expect(lines[1]).toMatch(/^a\.yaml:16: spec\.path: /)
    expect(lines[2]).toMatch(/^b\.yaml:\d: not valid YAML: /)
    expect(lines.slice(3)).toEqual(['3 errors'])
    expect(exitCode).toBe(1)
  })

  it('CEL rules speak in their own words', async () => {
    const text = route.replace('  targetService: web.default.svc\n', '')
    const { exitCode, lines } = await validate({ 'a.yaml': text })
    expect(lines[0]).toMatch(/^a\.yaml:5: spec: .*targetService/)
    expect(exitCode).toBe(1)
  })

  it('references that do not hold, at the object that has them', async () => {
    const text = route.replace(
      'targetService: web.default.svc',
      'backends: [{modelRef: {name: nobody, kind: AIModel}}]',
    )
    const { exitCode, lines } = await validate({ 'a.yaml': `# a comment\n${text}` })
    expect(lines[0]).toMatch(/^a\.yaml:\d+: .*nobody/)
    expect(exitCode).toBe(1)
  })

  it('two objects that claim the same path, and the same object twice', async () => {
    const { exitCode, text } = await validate({
      'a.yaml': route,
      'b.yaml': route.replace('name: open', 'name: rival'),
      'c.yaml': route,
    })
    expect(text).toMatch(/^b\.yaml:6: spec\.path: \/open belongs to default\/open/m)
    expect(text).toMatch(/^c\.yaml:1: AIGatewayRoute default\/open is already defined at a\.yaml:1$/m)
    expect(exitCode).toBe(1)
  })

  it('an environment variable that is not set, and no value of one that is', async () => {
    const secret = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  one: \${CANARY}\n  two: \${NOBODY}\n`
    const { exitCode, lines, text } = await validate({ 'a.yaml': secret }, { environment: { CANARY: 'hush-hush' } })
    expect(lines).toEqual(['a.yaml:7: stringData.two: environment variable NOBODY is not set', '1 error'])
    expect(exitCode).toBe(1)
    expect(text).not.toContain('hush')
  })
})

describe('warnings', () => {
  it('a closed route without a policy, which may come from elsewhere', async () => {
    const { exitCode, text } = await validate({
      'a.yaml': route.replace('authentication: false', 'authentication: true'),
    })
    expect(text).toMatch(/^a\.yaml:1: warning: AIGatewayRoute default\/open: .*no AIAuthPolicy/)
    expect(exitCode).toBe(0)
  })

  it('fields that nothing reads yet are named, and do not fail', async () => {
    const { exitCode, lines } = await validate({
      'a.yaml': `${route}  rateLimit:\n    requestsPerMinute: 5\n    tokensPerDay: 1000\n`,
    })
    expect(lines[0]).toMatch(/^a\.yaml:1: warning: AIGatewayRoute default\/open: not in effect yet: .*tokensPerDay/)
    expect(lines[1]).toBe('1 object in 1 file: ok')
    expect(exitCode).toBe(0)
  })

  it('a budget that nothing counts against, and a key that another has already', async () => {
    const secret = (name: string) =>
      `---\napiVersion: v1\nkind: Secret\nmetadata: { name: ${name}, labels: { use: key } }\nstringData: { key: same }\n`
    const policy = `apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: p }
spec:
  apiKeySelector: { matchLabels: { use: key } }
  consumers: [{ name: a, budgets: [{ amount: "5", period: Month }] }]
`
    const { exitCode, text } = await validate({ 'a.yaml': `${policy}${secret('a')}${secret('b')}` })
    expect(text).toMatch(/^a\.yaml:1: warning: AIAuthPolicy default\/p: .*nothing counts against such a budget/m)
    expect(text).toContain("the key of Secret default/b is a's already")
    expect(text).not.toContain('same')
    expect(exitCode).toBe(0)
  })
})

describe('usage', () => {
  it('a path that is not there is exit 2 and one line', async () => {
    const run = await validate({ 'a.yaml': route }, { paths: ['a.yaml', 'nothing.yaml'] })
    expect(run).toMatchObject({ exitCode: 2, text: '', errors: 'nothing.yaml: no such file or directory\n' })
  })

  it('no path at all is exit 2', async () => {
    expect(await validate({}, { paths: [] })).toMatchObject({ exitCode: 2, text: '' })
  })

  it('colours only where a person looks', async () => {
    const bad = { 'a.yaml': 'kind: [\n' }
    expect((await validate(bad)).text).not.toContain('\u001b')
    expect((await validate(bad, { isTTY: true })).text).toContain('\u001b[31m')
    expect((await validate(bad, { isTTY: true, environment: { NO_COLOR: '1' } })).text).not.toContain('\u001b')
  })
})
