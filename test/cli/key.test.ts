// `sluice key`: a generated key works where its digest is stored, however the digest was made and the key was piped.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { mainPath } from '../support/serve-process.ts'

function run(
  args: readonly string[],
  input = '',
): Promise<Readonly<{ code: number | null; stdout: string; stderr: string }>> {
  const child = spawn(process.execPath, [mainPath, 'key', ...args])
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

function readGenerated(stdout: string): Readonly<{ key: string; stored: string }> {
  const match = /^key: {4}(\S+)\nstored: (\S+)\n$/.exec(stdout)
  return { key: match?.[1] ?? '', stored: match?.[2] ?? '' }
}

test('a generated key opens the door that has its digest, in every header and as itself', async () => {
  const { key, stored } = readGenerated((await run(['generate'])).stdout)
  expect(key).toMatch(/^sk-sluice-[A-Za-z0-9_-]{43}$/)
  const { key: plain } = readGenerated((await run(['generate', '--prefix', 'team-'])).stdout)
  expect(plain).toMatch(/^team-[A-Za-z0-9_-]{43}$/)
  const gateway = await startGateway({
    manifests: `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { digest: '${stored}', itself: '${plain}' }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: callers }
spec:
  apiKeys:
    - { consumer: a, secretRef: { name: keys, key: digest } }
    - { consumer: b, secretRef: { name: keys, key: itself } }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: m1 }
spec: { modelName: m1, modelProvider: Custom, modelType: LLM, endpoint: 'http://127.0.0.1:1/v1' }
`,
  })
  onTestFinished(() => gateway.stop())
  const ask = async (headers: Readonly<Record<string, string>>) =>
    (await exchangeRaw(gateway.port, renderRequest('GET', '/v1/models', headers))).status
  for (const value of [key, plain]) {
    expect(await ask({ authorization: `Bearer ${value}` })).toBe(200)
    expect(await ask({ 'x-api-key': value })).toBe(200)
    expect(await ask({ 'api-key': value })).toBe(200)
  }
  expect(await ask({ authorization: `Bearer ${stored}` })).toBe(401)
})

test('two keys are never the same', async () => {
  const made = await Promise.all([1, 2, 3].map(async () => readGenerated((await run(['generate'])).stdout).key))
  expect(new Set(made).size).toBe(3)
})

test('hash reads a key that is piped with a line end or without, or given', async () => {
  const expected = `sha256:${createHash('sha256').update('sk-1').digest('hex')}\n`
  const ran = await Promise.all([
    run(['hash'], 'sk-1'),
    run(['hash'], 'sk-1\n'),
    run(['hash'], 'sk-1\r\n'),
    run(['hash', 'sk-1']),
  ])
  for (const result of ran) expect(result).toEqual({ code: 0, stdout: expected, stderr: '' })
})

test('hash refuses what can be no key, and does not repeat it', async () => {
  const inputs = ['', '\n', ' ', 'sk 1', 'sk-1\n\n', 'sk-ä', 'sk-1\0']
  const ran = await Promise.all(inputs.map((input) => run(['hash'], input)))
  for (const { code, stdout, stderr } of ran) {
    expect([code, stdout, stderr]).toEqual([2, '', 'error: key: must be visible ASCII, not empty\n'])
  }
})

test('generate takes a prefix of up to 32 visible signs, or none', async () => {
  const codes = await Promise.all(
    ['', 'a b', 'ä', 'x'.repeat(33)].map(async (prefix) => (await run(['generate', '--prefix', prefix])).code),
  )
  expect(codes).toEqual([0, 2, 2, 2])
})
