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
