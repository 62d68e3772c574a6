// `sluice simulate` as a person types it: flags, environment, refusals and SIGTERM, in a process of its own.
import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/until.ts'

// The command on a program of its own, so that this test stands without the rest of the command line.
const program = `
  import { Command } from 'commander'
  import { addSimulateCommand } from './src/cli/simulate.ts'
  const program = new Command('sluice')
  addSimulateCommand(program)
  await program.parseAsync(['node', 'sluice', ...process.argv.slice(1)])
`

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', 'simulate', ...args], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes) => {
    out.stdout += bytes
  })
  child.stderr.on('data', (bytes) => {
    out.stderr += bytes
  })
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { child, out, exit }
}

test('it prints where it serves and a curl line, serves, and stops on SIGTERM', async () => {
  const { child, out, exit } = run(['--listen', '127.0.0.1:0', '--tokens', '3'], { SLUICE_SIMULATE_MODELS: 'a,b' })
  const url = await until(() => /curl -N (http:\/\/\S+?)\/v1\//.exec(out.stdout)?.[1], 'the curl line was printed')
  const models = await (await fetch(`${url}/v1/models`)).json()
  expect(models).toMatchObject({ data: [{ id: 'a' }, { id: 'b' }] })
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
})

test.each([
  [['--ttft', '5x'], {}, "--ttft: '5x' is not a duration"],
  [['--fail-rate', '2'], {}, '--fail-rate'],
  [['--listen', 'nowhere'], {}, '--listen'],
  [['--fail-rate', '0.6', '--hang-rate', '0.6'], {}, 'together more than 1'],
  [[], { SLUICE_SIMULATE_INTER_TOKEN: 'soon' }, '--inter-token'],
  [['--no-such-flag'], {}, '--no-such-flag'],
  [['--ttft', ''], {}, '--ttft'],
])('a bad flag is one line and exit 2: %j %j', async (args, env, text) => {
  const { out, exit } = run(args, env)
  expect(await exit).toBe(2)
  expect(out.stderr).toContain(text)
  expect(out.stderr.trim().split('\n')).toHaveLength(1)
})

test('an empty variable is an unset one', async () => {
  const { child, out, exit } = run(['--listen', '127.0.0.1:0'], {
    SLUICE_SIMULATE_TTFT: '',
    SLUICE_SIMULATE_MODELS: '',
  })
  await until(() => out.stdout.includes('models: any name'), 'it serves')
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
})
