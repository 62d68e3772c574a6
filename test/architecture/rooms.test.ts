// Who may import whom, read from the import lines: the boundaries of docs/architecture.md, held.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

type Import = Readonly<{ from: string; to: string }>

const files = globSync('src/**/*.ts').map((file) => normalize(file))
const sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))
const local: Import[] = []
const packages: Import[] = []
for (const [file, text] of sources) {
  for (const match of text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
    const target = match[1] ?? ''
    if (target.startsWith('.')) local.push({ from: file, to: relative('.', join(dirname(file), target)) })
    else packages.push({ from: file, to: target })
  }
}
const room = (path: string) => path.split('/')[1] ?? ''
const render = ({ from, to }: Import) => `${from} → ${to}`
const find = (is: (edge: Import) => boolean) => local.filter(is).map(render)

/** What each room may know, besides itself and the loose files every room may (settings.ts, assert-never.ts …). */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  api: [],
  errors: [],
  wire: ['errors'],
  telemetry: ['errors'],
  conversation: [],
  dialects: ['conversation', 'providers', 'errors', 'wire'],
  providers: ['conversation', 'errors', 'wire'],
  routing: ['providers'],
  policies: ['routing', 'providers', 'errors', 'wire', 'telemetry', 'api'],
  compiler: ['policies', 'routing', 'providers', 'errors', 'wire', 'api'],
  config: ['compiler', 'policies', 'routing', 'api', 'errors', 'telemetry'],
  upstream: ['policies', 'routing', 'dialects', 'conversation', 'providers', 'errors', 'wire', 'telemetry'],
  server: ['upstream', 'policies', 'routing', 'dialects', 'conversation', 'providers', 'errors', 'wire', 'telemetry'],
  simulator: [],
}
const loose = new Set(['settings.ts', 'assert-never.ts', 'is-record.ts'])

test.each(Object.keys(mayImport))('%s imports only the rooms it may know', (name) => {
  const allowed = new Set([name, ...(mayImport[name] ?? [])])
  expect(find(({ from, to }) => room(from) === name && !allowed.has(room(to)) && !loose.has(room(to)))).toEqual([])
})

test('there is a rule for every room', () => {
  const rooms = new Set(files.filter((file) => file.split('/').length > 2).map(room))
  expect([...rooms].filter((name) => !(name in mayImport) && name !== 'cli')).toEqual([])
})

test('enforcing a policy knows no resource', () => {
  expect(find(({ from, to }) => /policies\/.*enforce/.test(from) && room(to) === 'api')).toEqual([])
})

test('compiling uses no I/O, clock, chance or logger', () => {
  const pure = (file: string) => room(file) === 'compiler' || /policies\/[^/]+\/(compile|resolve)/.test(file)
  const allowed = new Set(['node:crypto', 'node:net', 'node:buffer'])
  expect(packages.filter(({ from, to }) => pure(from) && !allowed.has(to)).map(render)).toEqual([])
  const impure = /\b(Date\.now|performance\.now|Math\.random|new Date\(\)|console\.|setTimeout|process\.)/
  expect([...sources].filter(([file, text]) => pure(file) && impure.test(text)).map(([file]) => file)).toEqual([])
})

test('a provider knows no other provider, no Fastify and no undici', () => {
  const folder = (path: string) => path.split('/').slice(0, 3).join('/')
  const isProvider = (path: string) => room(path) === 'providers' && path.split('/').length > 3
  // What many of them speak is nobody's own.
  const isShared = (path: string) => folder(path) === 'src/providers/openai-format'
  const isForeign = ({ from, to }: Import) => folder(from) !== folder(to) && !isShared(to)
  expect(find((edge) => isProvider(edge.from) && isProvider(edge.to) && isForeign(edge))).toEqual([])
  expect(packages.filter(({ from, to }) => room(from) === 'providers' && /^(fastify|undici)/.test(to))).toEqual([])
})

test('the Kubernetes client stays in its room', () => {
  const users = packages.filter(({ to }) => to.startsWith('@kubernetes/')).map(({ from }) => dirname(from))
  expect(new Set(users)).toEqual(new Set(['src/config/kubernetes']))
})

test('only the command line knows the composition root', () => {
  expect(find(({ from, to }) => to === 'src/gateway.ts' && room(from) !== 'cli')).toEqual([])
})

test('no default exports, enums, namespaces or escapes from the types', () => {
  const forbidden =
    /\bexport default\b|^\s*(export )?(const )?enum \w|^\s*(export )?namespace \w|@ts-ignore|\bas any[;,)\]]/m
  expect([...sources].filter(([, text]) => forbidden.test(text)).map(([file]) => file)).toEqual([])
})

test('every file opens by saying what it owns', () => {
  const silent = [...sources].filter(([file, text]) => !file.includes('/generated/') && !/^(#!.*\n)?\/\//.test(text))
  expect(silent.map(([file]) => file)).toEqual([])
})
