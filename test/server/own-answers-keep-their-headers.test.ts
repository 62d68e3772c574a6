// A route's response headers are on Sluice's own answers too, but never say again what the answer says itself.
import { expect, test } from 'vitest'
import { renderRequest, renderResponse } from '../support/http-bytes.ts'
import { authorization, sendRaw, startFaultGateway } from './fault-gateway.ts'

const route = (url: string) => `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: edited }
spec:
  path: /edited
  targetService: '${url}'
  headers: { response: { set: [{ name: Content-Type, value: text/x }, { name: X-Team, value: blue }] } }
`

/** Values of one header, in the order of the wire. */
function readAll(head: string, name: string): readonly string[] {
  return [...head.matchAll(new RegExp(`^${name}: (.*)\r$`, 'gim'))].map((match) => match[1] ?? '')
}

test('an error stays JSON, the service’s answer gets what the route sets', async () => {
  const gateway = await startFaultGateway({
    manifests: route,
    script: (_request, connection) => connection.write(renderResponse(200, 'ok', { 'content-type': 'text/plain' })),
  })
  const refused = await sendRaw(gateway.port, renderRequest('GET', '/edited'))
  expect((await refused.readResponse()).status).toBe(401)
  expect(readAll(refused.text, 'content-type')).toEqual(['application/json; charset=utf-8'])
  expect(readAll(refused.text, 'x-team')).toEqual(['blue'])

  const served = await sendRaw(gateway.port, renderRequest('GET', '/edited', { authorization }))
  expect((await served.readResponse()).status).toBe(200)
  expect(readAll(served.text, 'content-type')).toEqual(['text/x'])
  expect(readAll(served.text, 'x-team')).toEqual(['blue'])
})
