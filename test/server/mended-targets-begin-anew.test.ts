// A target that rests for its failures is asked at once when its object gets another endpoint: what is known is of the
// endpoint, not of the name.
import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpBackend, json } from '../support/http-backend.ts'
import { answerAs, startRetryGateway } from './retry-gateway.ts'

test('another endpoint has no past', async () => {
  const mended = await createHttpBackend(json(200, answerAs('mended')))
  onTestFinished(() => mended.close())
  const gateway = await startRetryGateway({
    targets: [json(500, { error: {} }), json(200, answerAs('second'))],
    retry: { attempts: 1, conditions: ['5xx'] },
  })
  for (let time = 0; time < 6; time++) expect((await gateway.ask()).status).toBe(200)
  expect((await gateway.ask()).headers.get('x-sluice-attempts')).toBe('1')
  const manifests = await readFile(`${gateway.folder}/manifests.yaml`, 'utf8')
  await gateway.writeManifest('manifests.yaml', manifests.replace(gateway.backends[0]?.url ?? '', mended.url))
  const response = await gateway.ask()
  expect([response.headers.get('x-sluice-target'), await response.json()]).toEqual(['default/t0', answerAs('mended')])
})
