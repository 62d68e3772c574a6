// Several problems of one line of a file are all told in the log, not the last one only.
import { expect, test } from 'vitest'
import { startGateway } from '../../support/gateway.ts'

test('a document without a name and with wrong fields', async () => {
  const manifests = 'apiVersion: ai.example.com/v1\nkind: AIModel\nmetadata: {}\nspec: {}\n'
  const gateway = await startGateway({ manifests })
  const told = gateway.log.filter(({ level }) => level === 40).map(({ msg }) => String(msg))
  await gateway.stop()
  expect(told).toEqual([
    expect.stringMatching(/:3: metadata\.name: Required value$/),
    expect.stringMatching(/:4: spec\.modelName: .*; spec\.modelProvider: .*; spec\.modelType: /),
  ])
})
