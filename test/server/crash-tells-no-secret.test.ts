// C6: what a process leaves behind when it ends badly, the last log line, the stack, Node's own diagnostic report, has
// no secret in it, though secrets came through its environment.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { gatewayManifests } from '../support/gateway.ts'
import { renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { startServe } from '../support/serve-process.ts'
import { until } from '../support/until.ts'
import { findCanaries } from './find-canaries.ts'

const canaries = {
  caller: 'canary-caller-c1',
  upstream: 'canary-upstream-c2',
  redis: 'canary-redis-c3',
  thrown: 'canary-thrown-c4',
}

/** On SIGUSR2: an exception of nobody's that carries a secret where HTTP libraries put them, and a report. */
const saboteur = `
process.on('SIGUSR2', () => {
  process.report.writeReport('report.json')
  setImmediate(() => {
    throw Object.assign(new Error('sabotage'), { headers: { authorization: 'Bearer ${canaries.thrown}' }, cause: { key: '${canaries.thrown}' } })
  })
})`

test('C6: an uncaught exception and a diagnostic report', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-crash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const manifests = gatewayManifests('http://127.0.0.1:1')
    .replace(/key: sk-test\S*/, `key: '$\{TEST_CALLER}'`)
    .replace('token: upstream-canary-77b1', `token: '$\{TEST_UPSTREAM}'`)
  await writeFile(join(folder, 'manifests.yaml'), manifests)
  await writeFile(join(folder, 'saboteur.mjs'), saboteur)
  const served = await startServe(
    ['--config', join(folder, 'manifests.yaml'), '--log-level', 'trace', '--redis', 'redis://127.0.0.1:1'],
    {
      NODE_OPTIONS: `--report-on-fatalerror --report-uncaught-exception --report-directory=${folder} --import ${join(folder, 'saboteur.mjs')}`,
      TEST_CALLER: canaries.caller,
      TEST_UPSTREAM: canaries.upstream,
      SLUICE_REDIS_PASSWORD: canaries.redis,
    },
  )
  onTestFinished(() => void served.end())
  const headers = { authorization: `Bearer ${canaries.caller}`, 'content-type': 'application/json' }
  const body = '{"model":"m1","messages":[]}'
  const answer = await exchangeRaw(
    Number(new URL(served.url).port),
    renderRequest('POST', '/v1/chat/completions', headers, body),
  )
  // The key is known, its upstream is not there: both secrets have been in use.
  expect(answer.status).toBe(502)

  expect(await served.end('SIGUSR2')).toBe(1)
  await until(() => served.readOutput().includes('sabotage'), 'the crash is logged')
  expect(findCanaries(canaries, served.readOutput())).toEqual([])
  const reports = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  expect(reports).toContain('report.json')
  for (const name of reports) {
    const text = await readFile(join(folder, name), 'utf8')
    expect(text).toContain('javascriptStack')
    expect([name, findCanaries(canaries, text, ['caller', 'upstream', 'redis'])]).toEqual([name, []])
  }
})
