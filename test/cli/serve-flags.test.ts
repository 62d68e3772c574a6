// Flags of `sluice serve` from the command line and the environment, as a person or a Deployment writes them.
import { Command } from 'commander'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { addServeFlags, parseServeFlags, readServeFlags } from '../../src/cli/serve-flags.ts'
import type { ServeSettings } from '../../src/settings.ts'

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('SLUICE_')) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

function parse(...args: string[]): ServeSettings {
  const command = addServeFlags(new Command('serve')).parse(args, { from: 'user' })
  return parseServeFlags(readServeFlags(command), false)
}

test.each([
  ['true', true],
  ['1', true],
  ['Yes', true],
  ['false', false],
  ['0', false],
  ['off', false],
  ['', false],
])('SLUICE_SIMULATE=%s is %s', (text, isOn) => {
  vi.stubEnv('SLUICE_SIMULATE', text)
  expect(parse('--config', 'a').simulate).toBe(isOn)
})

test('a switch that is neither on nor off is refused by name', () => {
  vi.stubEnv('SLUICE_KUBERNETES', 'maybe')
  expect(() => parse()).toThrow("--kubernetes: 'maybe' is not true or false")
})

test('a switch on the command line is on, whatever the environment says', () => {
  vi.stubEnv('SLUICE_SIMULATE', 'false')
  expect(parse('--config', 'a', '--simulate').simulate).toBe(true)
})

test('an empty variable is an unset one', () => {
  for (const name of ['LISTEN', 'DRAIN_TIMEOUT', 'BODY_LIMIT', 'LOG_LEVEL', 'LOG_FORMAT', 'RESOLVE', 'NAMESPACE']) {
    vi.stubEnv(`SLUICE_${name}`, '')
  }
  const settings = parse('--config', 'a')
  expect(settings.listen).toEqual({ host: '0.0.0.0', port: 8080 })
  expect(settings.drainTimeoutMs).toBe(30_000)
  expect(settings.resolve).toEqual([])
})

test('an empty flag is refused', () => {
  expect(() => parse('--config', 'a', '--listen', '')).toThrow("--listen: '' is not HOST:PORT")
})

test('lists come repeated, with spaces and with commas', () => {
  const expected = ['a', 'b', 'c']
  expect(parse('--config', 'a', 'b', '--config', 'c').configPaths).toEqual(expected)
  vi.stubEnv('SLUICE_CONFIG', 'a, b,c')
  expect(parse().configPaths).toEqual(expected)
})

test.each(['namespace', 'kubeconfig', 'context'])(
  '--%s without --kubernetes is refused rather than ignored',
  (name) => {
    expect(() => parse('--config', 'a', `--${name}`, 'x')).toThrow(`--${name} goes with --kubernetes`)
  },
)

test.each(['Team_A', 'team.a', '-team', 'a/b'])('--namespace %s can be no namespace and is refused', (name) => {
  const message = `--namespace: '${name}' is not a namespace's name`
  expect(() => parse('--kubernetes', `--namespace=${name}`)).toThrow(message)
  expect(parse('--kubernetes', '--namespace', 'team-a', '--namespace=0').kubernetes.namespaces).toEqual(['team-a', '0'])
})

const redisOf = (...args: string[]) => parse('--config', 'a', ...args).redis

test.each([
  ['redis://r', { mode: 'single', addresses: [{ host: 'r', port: 6379 }], db: 0, isTls: false, username: null }],
  ['rediss://u:p%40ss@[::1]:1/7', { addresses: [{ host: '::1', port: 1 }], db: 7, isTls: true, password: 'p@ss' }],
  ['redis://:only-p@r/', { username: null, password: 'only-p', db: 0 }],
  [
    'redis+sentinel://u:p@a,b:1/main/2',
    {
      mode: 'sentinel',
      masterName: 'main',
      db: 2,
      addresses: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 1 },
      ],
    },
  ],
  [
    'rediss+cluster://a:1,b',
    {
      mode: 'cluster',
      isTls: true,
      addresses: [
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
      ],
    },
  ],
])('--redis %s', (url, wanted) => {
  expect(redisOf('--redis', url)).toMatchObject(wanted)
})

test('logins of Redis from the environment; the URL has precedence', () => {
  vi.stubEnv('SLUICE_REDIS_USERNAME', 'user')
  vi.stubEnv('SLUICE_REDIS_PASSWORD', 'from-env')
  expect(redisOf('--redis', 'redis://r')).toMatchObject({ username: 'user', password: 'from-env' })
  expect(redisOf('--redis', 'redis://:own@r')).toMatchObject({ username: 'user', password: 'own' })
})

test.each([
  'http://canary-secret@r',
  'redis://canary-secret@',
  'redis://:canary-secret@r:99999',
  'redis://:canary-secret@r/x',
  'redis://:canary-secret@r/1/2',
  'redis://:canary-secret@a,b',
  'redis://:%zzcanary-secret@r',
  'redis+sentinel://:canary-secret@a,b',
  'redis+cluster://:canary-secret@a/3',
  'redis+else://:canary-secret@a',
  'canary-secret',
])('--redis %s is refused by name, and not repeated', (url) => {
  expect(() => redisOf('--redis', url)).toThrow(/^--redis: /)
  expect(() => redisOf('--redis', url)).not.toThrow(/canary/)
})

test.each([
  [['--redis-password', 'p'], '--redis-password goes with --redis'],
  [['--redis', 'redis://r', '--redis-ca', 'package.json'], '--redis: certificates go with rediss://'],
  [['--redis', 'rediss://r', '--redis-ca', 'no-such-file'], "--redis-ca: 'no-such-file' can't be read"],
  [['--redis', 'rediss://r', '--redis-cert', 'package.json'], '--redis-cert and --redis-key go together'],
  [['--limit-lease', '10ms'], "--limit-lease: '10ms' is not between 1s and 1h"],
])('%s is refused', (args, message) => {
  expect(() => parse('--config', 'a', ...args)).toThrow(message)
})
