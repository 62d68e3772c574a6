// examples/failover/README.md is true: its blocks are run in order against a served process and two simulated servers, as a
// reader pastes them, and print what stands under them.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSimulator } from '../../src/simulator/create-simulator.ts'
import { defaultSimulatorSettings, type SimulatorSettings } from '../../src/simulator/simulator-settings.ts'
import { startServe } from '../support/serve-process.ts'
import { findDifference, isWithoutCurl, readSteps, runSteps } from './run-page.ts'

const [start, ...steps] = readSteps(await readFile('examples/failover/README.md', 'utf8'))

test.skipIf(isWithoutCurl)('the page is true', async () => {
  expect(start?.command).toContain('--listen 127.0.0.1:9101 --fail-rate 1 --fail-status 529 &')
  expect(start?.command).toContain('bin/sluice serve --config examples/failover\n')
  const first = await startSimulator({ failRate: 1, failStatus: 529 })
  const second = await startSimulator({})
  const folder = await mkdtemp(join(tmpdir(), 'sluice-failover-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await cp('examples/failover', folder, { recursive: true })
  const models = join(folder, 'models.yaml')
  const text = await readFile(models, 'utf8')
  await writeFile(models, text.replace(':9101', `:${first}`).replace(':9102', `:${second}`))
  const serve = await startServe(['--config', folder])
  onTestFinished(async () => void (await serve.end()))

  const printed = await runSteps(steps, folder, (command) =>
    command
      .replaceAll('localhost:8080', new URL(serve.url).host)
      .replaceAll('localhost:9090', new URL(serve.adminUrl).host),
  )
  const lies = steps.flatMap(({ command, expected, line }, at) => {
    const missing = expected === null ? null : findDifference(printed[at] ?? '', expected)
    return missing === null ? [] : [`line ${line}: ${command}lacks: ${missing}\nprinted:\n${printed[at]}`]
  })
  expect(lies).toEqual([])
  expect(steps.length).toBeGreaterThan(7)
})

async function startSimulator(settings: Partial<SimulatorSettings>): Promise<number> {
  const simulator = createSimulator({ ...defaultSimulatorSettings, port: 0, interTokenMs: 0, ...settings })
  onTestFinished(() => simulator.stop())
  return (await simulator.start()).port
}
