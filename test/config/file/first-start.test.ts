// F16 at the first start, F1 and the rules for objects in files.
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/config/source.ts'
import { createFolder, joinDocuments, openFolder, routeText, type WatchedFolder } from './watched-folder.ts'

const variable = (name: string) => `\${${name}}`

const opened: WatchedFolder[] = []
const open = async (...args: Parameters<typeof openFolder>) => {
  const folder = await openFolder(...args)
  opened.push(folder)
  return folder
}
afterEach(async () => {
  for (const folder of opened.splice(0)) await folder.remove()
})

async function refuse(...args: Parameters<typeof createFolder>): Promise<readonly string[]> {
  const folder = await createFolder(...args)
  opened.push(folder)
  const error: unknown = await folder.start().then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ConfigurationError)) throw new Error(`started, or failed otherwise: ${String(error)}`)
  return error.lines.map((line) => line.replaceAll(`${folder.path}/`, ''))
}

describe('what can not be read at the first start ends it, with file and line (F16)', () => {
  it('bad YAML, in every file that has it', async () => {
    const lines = await refuse({
      'a.yaml': `${routeText('a')}---\nkind: [\n`,
      'b.yml': routeText('b'),
      'c.json': '{"kind": "Secret",\n "metadata": {"name": "x"}',
    })
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^a\.yaml:\d+: not valid YAML: /)
    expect(lines[1]).toMatch(/^c\.json:2: not valid YAML: /)
  })

  it('an anchors bomb', async () => {
    const rows = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [at, name] of [...'bcdefgh'].entries()) {
      rows.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcdefgh'[at]}`).join(', ')}]`)
    }
    expect(await refuse({ 'bomb.yaml': `# a bomb\n${rows.join('\n')}\n` })).toEqual([
      'bomb.yaml:2: too many aliases: expanding them would exhaust memory',
    ])
  })

  it('bytes that are no UTF-8, UTF-16, a file beyond all measure', async () => {
    expect(
      await refuse({
        'a.yaml': Buffer.concat([Buffer.from('kind: x\nname: '), Buffer.from([0xff, 0xfe])]),
        'b.yaml': Buffer.from('kind: x\n', 'utf16le'),
        'c.yaml': Buffer.alloc(16 * 1024 * 1024 + 1, '#'),
      }),
    ).toEqual([
      'a.yaml:2: is not UTF-8 text',
      'b.yaml:1: holds a NUL character: it is not UTF-8 text',
      'c.yaml: is too large: 16777217 bytes, 16777216 at most',
    ])
  })

  it('a path that is not there, a link that leads nowhere', async () => {
    expect(await refuse({}, { paths: ['nothing', 'nor.yaml'] })).toEqual([
      'nothing: no such file or directory',
      'nor.yaml: no such file or directory',
    ])
    const folder = await createFolder({ 'a.yaml': routeText('a') })
    opened.push(folder)
    await symlink(join(folder.path, 'gone'), join(folder.path, 'b.yaml'))
    await expect(folder.start()).rejects.toThrow('b.yaml: no such file or directory')
  })
})

describe('what is there to read', () => {
  it.each([
    ['an empty folder', {}],
    ['an empty file', { 'a.yaml': '' }],
    ['comments only', { 'a.yaml': '# nothing yet\n---\n---\n' }],
  ])('%s is an empty world', async (_name, files) => {
    const folder = await open(files)
    expect(folder.source.isSynced()).toBe(true)
    expect(folder.worlds).toHaveLength(1)
    expect([folder.names(), folder.source.readProblems(), folder.source.read().rejected]).toEqual([[], [], []])
  })

  it('folders with their subfolders, single files, several documents and lists; nothing hidden, nothing foreign', async () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n${routeText('listed')
      .replace(/^(?=.)/gm, '    ')
      .replace('    api', '  - api')}`
    const folder = await open(
      {
        'a/1.yaml': joinDocuments(routeText('one'), routeText('two')),
        'a/b/c/2.yml': routeText('three'),
        'a/3.json': JSON.stringify({ ...{ apiVersion: 'v1', kind: 'Secret' }, metadata: { name: 'secret' } }),
        'a/4.yaml': list,
        'a/.hidden.yaml': 'kind: [',
        'a/.git/x.yaml': 'kind: [',
        'a/notes.txt': 'kind: [',
        'a/deployment.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n',
        'single.conf': `\ufeff${routeText('single')}`,
      },
      { paths: ['a', 'single.conf', 'a/1.yaml'] },
    )
    expect(folder.names()).toEqual(['one', 'two', 'listed', 'three', 'single', 'secret'])
    expect(folder.source.countForeignObjects()).toBe(1)
    expect(folder.source.readProblems()).toEqual([])
    expect(folder.source.locate('AIGatewayRoute/default/two')).toBe(`${folder.path}/a/1.yaml:9`)
    expect(folder.source.locate('AIGatewayRoute/default/listed')).toBe(`${folder.path}/a/4.yaml:4`)
    expect(folder.source.locate('AIGatewayRoute/default/nobody')).toBe(null)
  })

  it('follows links once, round in a circle or not', async () => {
    const folder = await createFolder({ 'a/1.yaml': routeText('one') })
    opened.push(folder)
    await symlink('..', join(folder.path, 'a/up'))
    await folder.start()
    expect(folder.names()).toEqual(['one'])
  })

  it('is frozen, complete with defaults, without status and without what only an API server knows', async () => {
    const folder = await open({
      'a.yaml': routeText('a', '/a', 'status:\n  phase: Ready\n').replace(
        '  name: a',
        '  name: a\n  uid: x\n  generation: 7\n  resourceVersion: "9"\n  managedFields: []\n  labels: {team: x}',
      ),
    })
    const [route] = folder.source.read().aiGatewayRoutes
    expect(route).toMatchObject({ spec: { path: '/a', authentication: true, pathType: 'Prefix' } })
    expect(route?.metadata).toEqual({ name: 'a', namespace: 'default', generation: 1, labels: { team: 'x' } })
    expect(route).not.toHaveProperty('status')
    expect(Object.isFrozen(route?.spec)).toBe(true)
  })
})

describe('a bad object fails alone, by name and line (F1, F16)', () => {
  it('an unknown field is an error: nobody else would say that a limit is off', async () => {
    const folder = await open({
      'a.yaml': joinDocuments(routeText('good'), routeText('bad', '/bad', '  ratelimit:\n    requestsPerMinute: 1\n')),
    })
    expect(folder.names()).toEqual(['good'])
    expect(folder.source.read().rejected).toMatchObject([
      {
        kind: 'AIGatewayRoute',
        metadata: { name: 'bad', namespace: 'default', generation: 1 },
        raw: { spec: { path: '/bad' } },
        location: `${folder.path}/a.yaml:16`,
        messages: ['spec.ratelimit: unknown field; did you mean rateLimit?'],
      },
    ])
  })

  it('names every field at fault', async () => {
    const folder = await open({
      'a.yaml': routeText('a', 'no-slash', '  authentication: perhaps\n').replace(
        '  name: a',
        '  name: a\n  lables: {}',
      ),
    })
    const [rejected] = folder.source.read().rejected
    expect(rejected?.messages.map((message) => message.split(':')[0])).toEqual([
      'metadata.lables',
      'spec.path',
      'spec.authentication',
    ])
  })

  it('a kind or version of our groups that does not exist', async () => {
    const folder = await open({
      'a.yaml': 'apiVersion: ai.example.com/v1\nkind: AIModell\nmetadata:\n  name: a\n',
      'b.yaml': 'apiVersion: ai.example.com/v1alpha1\nkind: AIModel\nmetadata:\n  name: b\n',
    })
    expect(folder.source.read().rejected.map(({ metadata, messages }) => [metadata.name, messages.length])).toEqual([
      ['a', 1],
      ['b', 1],
    ])
  })

  it('what has no name can only be a problem of its file', async () => {
    const folder = await open({
      'a.yaml': `${routeText('a')}---\nservices:\n  web: {}\n---\napiVersion: v1\nkind: Secret\n`,
    })
    expect(folder.names()).toEqual(['a'])
    expect(folder.source.readProblems().map(({ location }) => location)).toEqual([
      `${folder.path}/a.yaml:9`,
      `${folder.path}/a.yaml:12`,
    ])
  })

  it('the second of one name is left out, with the first one’s place', async () => {
    const folder = await open({
      'a.yaml': routeText('same', '/first'),
      'b.yaml': joinDocuments('# b\n', routeText('same', '/second')),
    })
    expect(folder.source.read().aiGatewayRoutes.map(({ spec }) => spec.path)).toEqual(['/first'])
    expect(folder.source.read().rejected).toEqual([])
    expect(folder.source.readProblems()).toEqual([
      {
        location: `${folder.path}/b.yaml:3`,
        reason: `AIGatewayRoute default/same is already defined at ${folder.path}/a.yaml:1`,
      },
    ])
  })
})

describe('secrets', () => {
  const secretText = (value: string) => `apiVersion: v1
kind: Secret
metadata:
  name: keys
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: canary-annotation
data:
  packed: YQ==
stringData:
  key: ${value}
`

  it('reads environment variables, also inside a longer text', async () => {
    const folder = await open(
      { 'a.yaml': secretText(`"Bearer ${variable('ONE')}-${variable('TWO')}"`) },
      { environment: { ONE: '1', TWO: variable('ONE') } },
    )
    const [secret] = folder.source.read().secrets
    expect(Buffer.from(secret?.data?.key ?? '', 'base64').toString()).toBe(`Bearer 1-${variable('ONE')}`)
    expect(secret?.data?.packed).toBe('YQ==')
    expect(secret).not.toHaveProperty('stringData')
    expect(JSON.stringify(secret?.metadata)).not.toContain('canary')
  })

  it('is rejected alone when one is not set', async () => {
    const folder = await open({ 'a.yaml': secretText(`canary-${variable('NAME')}`), 'b.yaml': routeText('b') })
    expect(folder.names()).toEqual(['b'])
    const { rejected } = folder.source.read()
    expect(rejected).toMatchObject([
      { location: `${folder.path}/a.yaml:10`, messages: ['stringData.key: environment variable NAME is not set'] },
    ])
    expect(JSON.stringify(rejected)).not.toContain('canary')
  })

  it('never shows a value, whatever is wrong', async () => {
    const folder = await open({
      'a.yaml': secretText('[canary]'),
      'b.yaml': secretText('x').replace('keys', 'other').replace('YQ==', '"canary!"'),
      'c.yaml': secretText('canary').replace('keys', 'third').replace('stringData', 'stringdata'),
    })
    expect(folder.source.read().secrets).toEqual([])
    expect(folder.source.read().rejected).toHaveLength(3)
    expect(JSON.stringify([folder.source.read(), folder.source.readProblems()])).not.toContain('canary')
  })
})

it('reads ten thousand objects in seconds', async () => {
  const folder = await createFolder({})
  opened.push(folder)
  const text = joinDocuments(...Array.from({ length: 10_000 }, (_, at) => routeText(`route-${at}`)))
  await writeFile(join(folder.path, 'many.yaml'), text)
  const startedMs = performance.now()
  await folder.start()
  expect(folder.names()).toHaveLength(10_000)
  expect(performance.now() - startedMs).toBeLessThan(20_000)
})
