// Which project's models a service account asks for, where its endpoint names none.
import { expect, test } from 'vitest'
import { createProjectEdit } from '../../src/upstream/credentials/vertex-project.ts'

function edit(hostname: string, basePath: string, rest: string, projectId: string | null = 'acme'): string {
  const request = { method: 'POST', path: basePath + rest, headers: ['host', hostname], body: null } as const
  return createProjectEdit(projectId, { hostname, basePath })({ ...request, headers: [...request.headers] }).path
}

const generate = '/publishers/google/models/m:generateContent'

test.each([
  ['aiplatform.googleapis.com', '/v1', generate, 'global'],
  ['europe-west4-aiplatform.googleapis.com', '/v1', '/publishers/google/models/m:predict', 'europe-west4'],
  ['us-central1-aiplatform.googleapis.com', '/v1beta1', `${generate}?alt=sse`, 'us-central1'],
  ['us-east5-aiplatform.googleapis.com', '/v1', '/endpoints/42:generateContent', 'us-east5'],
  ['10.0.0.7', '/proxy/v1', generate, 'global'],
])('%s%s: the account’s project, the location of its name', (hostname, basePath, rest, location) => {
  expect(edit(hostname, basePath, rest)).toBe(`${basePath}/projects/acme/locations/${location}${rest}`)
})

test.each([
  ['/v1/projects/other/locations/us-central1', generate],
  ['/v1/projects/publishers/locations/v1', generate],
  ['/openai/v1', '/chat/completions'],
])('%s%s stays', (basePath, rest) => {
  expect(edit('us-central1-aiplatform.googleapis.com', basePath, rest)).toBe(basePath + rest)
})

test('a key file without a project changes nothing', () => {
  expect(edit('aiplatform.googleapis.com', '/v1', generate, null)).toBe(`/v1${generate}`)
})
