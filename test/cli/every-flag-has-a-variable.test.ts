// The contract: every flag of every command has an environment variable, and `explain` goes by its own.
import { spawnSync } from 'node:child_process'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'

function listOptions(command: Command): readonly (readonly [flag: string, variable: string | undefined])[] {
  const own = command.options.map((option) => [`${command.name()} ${option.long}`, option.envVar] as const)
  return [...own, ...command.commands.flatMap(listOptions)]
}

test('every flag but --version has one, and no two flags of a command share it', () => {
  const options = listOptions(createProgram()).filter(([flag]) => flag !== 'sluice --version')
  expect(options.length).toBeGreaterThan(30)
  expect(options.filter(([, variable]) => variable === undefined)).toEqual([])
  const pairs = options.map(([flag, variable]) => `${flag.split(' ')[0]} ${variable}`)
  expect(new Set(pairs).size).toBe(pairs.length)
})

const explain = (env: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, ['src/main.ts', 'explain'], { env: { ...process.env, ...env }, encoding: 'utf8' })

test('explain asks by its variables, and never repeats the key', () => {
  const { stdout, stderr, status } = explain({
    SLUICE_CONFIG: 'examples/quickstart/auth.yaml, examples/quickstart/llm-model-config.yaml',
    SLUICE_EXPLAIN_MODEL: 'gemma-2b-it',
    SLUICE_EXPLAIN_KEY: 'sk-sluice-demo',
    SLUICE_EXPLAIN_HOST: '',
  })
  expect([stderr, status]).toEqual(['', 0])
  expect(JSON.parse(stdout)).toMatchObject({ outcome: { status: 200 }, route: { modelName: 'gemma-2b-it' } })
  expect(stdout).not.toContain('sk-sluice-demo')
})

test('explain without manifests is one line and exit 2', () => {
  const { stderr, status } = explain({ SLUICE_CONFIG: '' })
  expect([stderr, status]).toEqual(['error: --config PATH is needed\n', 2])
})
