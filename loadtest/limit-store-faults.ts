// Makes the table of docs/reliability.md: `sluice serve` under a steady load while its Redis goes through each fault, under
// limits that say Allow and Deny. Takes a minute and a half; `node loadtest/limit-store-faults.ts`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePorts } from '../test/support/cluster/free-ports.ts'
import { createHttpBackend, json } from '../test/support/http-backend.ts'
import { type RedisServer, startRedis } from '../test/support/redis/redis-server.ts'
import { type SlowProxy, startSlowProxy } from '../test/support/redis/slow-proxy.ts'
import { startRedisCluster, startSentinelTrio } from '../test/support/redis/topologies.ts'
import { type ServeProcess, startServe } from '../test/support/serve-process.ts'
import { until } from '../test/support/until.ts'
import { percentile } from './statistics.ts'

const baselineMs = 1_500
const faultMs = 3_000
const clientCount = 20
const pauseMs = 20

type Policy = 'allow' | 'deny'
type Answer = Readonly<{ policy: Policy; status: number; startedAt: number; durationMs: number }>
type Stage = Readonly<{
  url: string
  /** Begins the fault; resolves with what ends it. */
  begin: () => Promise<() => unknown>
  stop: () => Promise<unknown>
}>
type Fault = Readonly<{ name: string; prepare: () => Promise<Stage> }>

const user = 'sluice'
const password = 'rights-of-a-user'

async function prepareSingle(
  begin: (redis: RedisServer, proxy: SlowProxy) => Promise<() => unknown>,
  args: readonly string[] = [],
): Promise<Stage> {
  const redis = await startRedis({ args })
  await redis.run('ACL', 'SETUSER', user, 'on', `>${password}`, '~*', '+@all')
  const proxy = await startSlowProxy(redis.port)
  return {
    url: `redis://${user}:${password}@127.0.0.1:${proxy.port}`,
    begin: () => begin(redis, proxy),
    stop: async () => {
      await proxy.stop()
      await redis.stop()
    },
  }
}

const withUser = ['--user', user, 'on', `>${password}`, '~*', '+@all']
const nothing = () => {}

const faults: readonly Fault[] = [
  {
    name: 'killed, started again empty',
    prepare: () =>
      prepareSingle(async (redis) => {
        await redis.kill()
        return () => redis.restart(...withUser)
      }),
  },
  {
    name: 'stopped (SIGSTOP), continued',
    prepare: () =>
      prepareSingle(async (redis) => {
        redis.pause()
        return redis.resume
      }),
  },
  {
    name: 'one second slow',
    prepare: () =>
      prepareSingle(async (_, proxy) => {
        proxy.setDelay(500)
        return () => proxy.setDelay(0)
      }),
  },
  {
    name: 'every packet swallowed',
    prepare: () =>
      prepareSingle(async (_, proxy) => {
        proxy.setDelay(Number.POSITIVE_INFINITY)
        return () => proxy.setDelay(0)
      }),
  },
  {
    name: 'everything flushed (FLUSHALL)',
    prepare: () => prepareSingle((redis) => redis.run('FLUSHALL').then(() => nothing)),
  },
  {
    name: 'scripts flushed (SCRIPT FLUSH)',
    prepare: () => prepareSingle((redis) => redis.run('SCRIPT', 'FLUSH').then(() => nothing)),
  },
  {
    name: 'out of memory (noeviction)',
    prepare: () =>
      prepareSingle(async (redis) => {
        await redis.run('CONFIG', 'SET', 'maxmemory', '1')
        return () => redis.run('CONFIG', 'SET', 'maxmemory', '0')
      }),
  },
  {
    name: 'loading its data (LOADING)',
    prepare: () =>
      prepareSingle(
        async (redis) => {
          await redis.run('DEBUG', 'POPULATE', '300', 'key', '100')
          await redis.run('SAVE')
          await redis.kill()
          const loading = ['--key-load-delay', '10000', '--loading-process-events-interval-bytes', '1024']
          await redis.restart(...withUser, ...loading)
          return nothing
        },
        ['--enable-debug-command', 'yes'],
      ),
  },
  {
    name: 'rights taken away (NOPERM)',
    prepare: () =>
      prepareSingle(async (redis) => {
        await redis.run('ACL', 'SETUSER', user, '-@all')
        return () => redis.run('ACL', 'SETUSER', user, '+@all')
      }),
  },
  {
    name: 'password changed, connections cut (WRONGPASS)',
    prepare: () =>
      prepareSingle(async (redis) => {
        await redis.run('ACL', 'SETUSER', user, 'resetpass', '>another')
        await redis.run('CLIENT', 'KILL', 'USER', user)
        return () => redis.run('ACL', 'SETUSER', user, `>${password}`)
      }),
  },
  {
    name: 'made a replica (READONLY), promoted again',
    prepare: () =>
      prepareSingle(async (redis) => {
        await redis.run('REPLICAOF', '127.0.0.1', '1')
        return () => redis.run('REPLICAOF', 'NO', 'ONE')
      }),
  },
  {
    name: 'master killed, Sentinel promotes its replica',
    prepare: async () => {
      const trio = await startSentinelTrio()
      const isPromoted = async () => /role:master/.test(String(await trio.replica.run('INFO').catch(() => '')))
      return {
        url: trio.url,
        begin: async () => {
          await trio.master.kill()
          await until(isPromoted, 'promoted', 20_000)
          return nothing
        },
        stop: trio.stop,
      }
    },
  },
  {
    name: 'cluster: the node of the namespace killed, started again',
    prepare: async () => {
      const cluster = await startRedisCluster()
      const [first] = cluster.nodes
      const slot = Number(await first?.run('CLUSTER', 'KEYSLOT', '{default}'))
      const owner = cluster.nodes[Math.min(2, Math.floor(slot / 5_461))]
      if (owner === undefined) throw new Error('no owner')
      let revived: RedisServer | null = null
      return {
        url: cluster.url,
        begin: async () => {
          await owner.kill()
          return async () => {
            revived = await owner.restart()
          }
        },
        stop: async () => {
          await revived?.kill()
          await cluster.stop()
        },
      }
    },
  },
]

const agent = new Agent({ keepAlive: true, maxSockets: clientCount * 2 })

function ask(url: string, policy: Policy): Promise<Answer> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/${policy}`, { agent }, (response) => {
      response.resume()
      response.once('end', () =>
        resolve({ policy, status: response.statusCode ?? 0, startedAt, durationMs: performance.now() - startedAt }),
      )
    })
    sent.once('error', reject)
    sent.end()
  })
}

async function readMemoryMb({ adminUrl }: ServeProcess): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1e6
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function measure(folder: string, fault: Fault): Promise<string> {
  const stage = await fault.prepare()
  const serve = await startServe(['--config', folder, '--redis', stage.url])
  const answers: Answer[] = []
  let isOver = false
  const client = async (number: number) => {
    while (!isOver) {
      answers.push(await ask(serve.url, number % 2 === 0 ? 'allow' : 'deny'))
      await wait(pauseMs)
    }
  }
  const clients = Array.from({ length: clientCount }, (_, number) => client(number))
  // Warm first: what a process does for the first time takes longer than any fault.
  await wait(baselineMs)
  const baselineAt = performance.now()
  await wait(baselineMs)
  const beforeMb = await readMemoryMb(serve)

  const faultAt = performance.now()
  const end = await stage.begin()
  await wait(Math.max(500, faultMs - (performance.now() - faultAt)))
  const duringMb = await readMemoryMb(serve)
  await end()
  const curedAt = performance.now()
  const isUp = async () =>
    (await (await fetch(`${serve.adminUrl}/metrics`)).text()).includes('\nsluice_limit_store_up 1\n')
  await until(isUp, 'it counts again', 15_000)
  await wait(700)
  isOver = true
  await Promise.all(clients)

  const cells = (['allow', 'deny'] as const).map((policy) => {
    const own = answers.filter((answer) => answer.policy === policy)
    const p99 = (from: number, to: number) =>
      percentile(
        own.filter(({ startedAt }) => startedAt >= from && startedAt < to).map(({ durationMs }) => durationMs),
        0.99,
      )
    const statuses: Record<number, number> = {}
    for (const { startedAt, status } of own) if (startedAt >= faultAt) statuses[status] = (statuses[status] ?? 0) + 1
    const seen = Object.entries(statuses).map(([status, count]) => `${status} × ${count}`)
    const during = own.filter(({ startedAt }) => startedAt >= faultAt && startedAt < curedAt)
    const longest = Math.max(...during.map(({ durationMs }) => durationMs))
    const added = Math.max(0, p99(faultAt, curedAt) - p99(baselineAt, faultAt))
    return `${seen.join(', ')} | ${added.toFixed(1)} ms (${longest.toFixed(0)} ms)`
  })
  const downs = answers.filter(({ policy, status }) => policy === 'deny' && status === 503)
  const lastDownAt = Math.max(...downs.map(({ startedAt, durationMs }) => startedAt + durationMs), 0)
  const recovered = lastDownAt === 0 ? 'was never down' : `${(Math.max(0, lastDownAt - curedAt) / 1_000).toFixed(2)} s`
  await serve.end()
  await stage.stop()
  return `| ${fault.name} | ${cells.join(' | ')} | ${recovered} | ${beforeMb.toFixed(0)} → ${duringMb.toFixed(0)} MB |`
}

async function measureAbsent(folder: string): Promise<string> {
  const [port] = await findFreePorts()
  return measure(folder, {
    name: 'not there at the start',
    prepare: async () => {
      let redis: RedisServer | null = null
      return {
        url: `redis://127.0.0.1:${port}`,
        begin: async () => async () => {
          redis = await startRedis({ port })
        },
        stop: async () => redis?.stop(),
      }
    },
  })
}

const backend = await createHttpBackend(json(200, { ok: true }))
const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'))
const render = (name: Policy, onStoreFailure: string) =>
  JSON.stringify({
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name },
    spec: {
      path: `/${name}`,
      authentication: false,
      targetService: backend.url,
      rateLimit: { requestsPerMinute: 1_000_000, concurrentRequests: 1_000, onStoreFailure },
    },
  })
writeFileSync(join(folder, 'routes.yaml'), `${render('allow', 'Allow')}\n---\n${render('deny', 'Deny')}\n`)
const lines = [await measureAbsent(folder)]
for (const fault of faults) {
  lines.push(await measure(folder, fault))
  process.stderr.write(`${lines.at(-1)}\n`)
}
process.stdout.write(
  [
    '| Redis | `Allow`: answers | p99 added (longest) | `Deny`: answers | p99 added (longest) | counts again after | memory |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n'),
)
await backend.close()
agent.destroy()
rmSync(folder, { recursive: true })
// The Redis processes that came in place of others go with this one.
process.exit(0)
