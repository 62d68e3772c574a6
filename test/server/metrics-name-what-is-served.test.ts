// A route that is given another model counts under the new name from then on.
import { expect, test } from 'vitest'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { readMetric, renderChat, renderModel, startFaultGateway } from './fault-gateway.ts'

const route = (modelName: string, url: string) => `${renderModel({ name: modelName, endpoint: url })}---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: assistant }
spec: { path: /assistant, modelName: ${modelName}, backends: [{ modelRef: { name: ${modelName} } }] }
`

test('the model label follows the route', async () => {
  const gateway = await startFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, {})),
  })
  const counts: number[] = []
  for (const modelName of ['before', 'after']) {
    await gateway.writeManifest('route.yaml', route(modelName, gateway.backend.url))
    const request = renderChat(modelName).replace('/v1/chat/completions', '/assistant')
    expect((await exchangeRaw(gateway.port, request)).status).toBe(200)
    const labels = { route: 'default/assistant', model: modelName }
    counts.push(await readMetric(gateway, 'gen_ai_server_request_duration_seconds_count', labels))
  }
  expect(counts).toEqual([1, 1])
})
