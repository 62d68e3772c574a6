// `sluice … | head -1`: a reader that has seen enough is no error.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

async function runUnread(args: readonly string[]) {
  const child = spawn(process.execPath, ['src/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdout.destroy()
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve))
  return { stderr: await text(child.stderr), code: await exit }
}

test.each([
  [['validate', 'test/crds/invalid'], 1],
  [['validate', 'examples/quickstart'], 0],
  [['explain', '--config', 'examples/quickstart', '--model', 'gemma-2b-it', '--key', 'sk-sluice-demo'], 0],
  [['key', 'generate'], 0],
  [['--help'], 0],
])('%j keeps its exit code and says nothing of it', async (args, code) => {
  expect(await runUnread(args)).toEqual({ stderr: '', code })
})
