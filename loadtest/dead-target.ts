// What one dead target of three costs clients: success and latency beside a route whose three targets are well, in turns,
// after the dead one has been put out of service and with its probes among the samples.
// `node loadtest/dead-target.ts [turns] [seconds]`
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from './config-change/gateway-process.ts'
import { readMachine } from './machine.ts'
import { keys } from './noisy-neighbour/manifests.ts'
import { runSteadyClient, type SteadyResult } from './noisy-neighbour/steady-client.ts'
import { spawnServer } from './spawn-server.ts'
import { median, percentile } from './statistics.ts'

const turns = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 8)
const perSecond = 100
const deaths = ['refuses', 'resets', 'is silent'] as const

const resetting = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()))
const silent = await listen(() => {})
const refusing = await listen(() => {})
const closedUrl = refusing.url
await refusing.close()
const backends = await Promise.all(
  [1, 2, 3].map((at) => spawnServer({ name: `backend ${at}`, args: ['loadtest/backend.ts'], core: null })),
)
const folder = await mkdtemp(join(tmpdir(), 'sluice-dead-'))
await writeFile(join(folder, 'manifests.yaml'), renderManifests())
const gateway = await startGateway(['--config', folder, '--log-format', 'json'])
const results = new Map<string, SteadyResult[]>()
try {
  const names = ['well', ...deaths]
  // Here the dead ones are found out.
  for (const name of names) await run(name, 2)
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) {
      const list = results.get(name) ?? []
      results.set(name, list)
      list.push(await run(name, seconds))
    }
  }
} finally {
  await gateway.stop()
  await Promise.all([...backends.map((backend) => backend.stop()), resetting.close(), silent.close()])
  await rm(folder, { recursive: true, force: true })
}
process.stdout.write(`${JSON.stringify(readMachine())}\n`)
for (const [name, list] of results) {
  const p = (share: number) => median(list.map(({ latenciesMs }) => percentile(latenciesMs, share))).toFixed(2)
  const sent = list.reduce((sum, result) => sum + result.sent, 0)
  const succeeded = list.reduce((sum, result) => sum + result.succeeded, 0)
  process.stdout.write(`${name.padEnd(10)} ${succeeded}/${sent} served, p50 ${p(0.5)} ms, p99 ${p(0.99)} ms\n`)
  if (succeeded < sent) process.exitCode = 1
}

function run(name: string, forSeconds: number): Promise<SteadyResult> {
  return runSteadyClient(gateway.dataUrl, perSecond, forSeconds, name.replace(' ', '-'))
}

function renderManifests(): string {
  const dead: Readonly<Record<string, string>> = {
    refuses: closedUrl,
    resets: resetting.url,
    'is silent': silent.url,
  }
  const objects: object[] = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { steady: keys.steady } },
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIAuthPolicy',
      metadata: { name: 'callers' },
      spec: { apiKeys: [{ consumer: 'steady', secretRef: { name: 'keys', key: 'steady' } }] },
    },
  ]
  for (const name of ['well', ...deaths]) {
    const modelName = name.replace(' ', '-')
    const urls = backends.map(({ url }) => url)
    const deadUrl = dead[name]
    if (deadUrl !== undefined) urls[2] = deadUrl
    const refs = urls.map((url, at) => {
      const spec = { modelName: `${modelName}-${at}`, modelProvider: 'Custom', modelType: 'LLM', endpoint: `${url}/v1` }
      objects.push({
        apiVersion: 'ai.example.com/v1',
        kind: 'AIModel',
        metadata: { name: `${modelName}-${at}` },
        spec: { ...spec, timeouts: { connect: '1s', firstByte: '1s' } },
      })
      return { modelRef: { name: `${modelName}-${at}`, kind: 'AIModel' } }
    })
    objects.push({
      apiVersion: 'ai.example.com/v1',
      kind: 'AIGatewayRoute',
      metadata: { name: modelName },
      spec: {
        path: `/${modelName}`,
        modelName,
        backends: refs,
        retry: { attempts: 2, conditions: ['connect-failure', 'reset-before-first-byte', 'timeout', '5xx'] },
      },
    })
  }
  return objects.map((object) => JSON.stringify(object)).join('\n---\n')
}

async function listen(onConnection: (socket: Socket) => void): Promise<{ url: string; close(): Promise<void> }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
