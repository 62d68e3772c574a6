// Several real Redis processes that work together: a master and a replica watched by three Sentinels, a cluster of three.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFreePorts } from '../cluster/free-ports.ts'
import { until } from '../until.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

export type SentinelTrio = Readonly<{
  master: RedisServer
  replica: RedisServer
  sentinels: readonly RedisServer[]
  url: string
  stop(): Promise<void>
}>

/** Sentinels that notice within half a second. The master is called `main`. */
export async function startSentinelTrio(): Promise<SentinelTrio> {
  const master = await startRedis()
  const replica = await startRedis({
    args: ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
  })
  await until(
    async () => /master_link_status:up/.test(String(await replica.run('INFO'))),
    'the replica follows',
    15_000,
  )
  const ports = await findFreePorts()
  const sentinels = await Promise.all(
    ports.map((port) => {
      const config = join(master.folder, `sentinel-${port}.conf`)
      writeFileSync(
        config,
        [
          `port ${port}`,
          'bind 127.0.0.1',
          `dir ${master.folder}`,
          `sentinel monitor main 127.0.0.1 ${master.port} 2`,
          'sentinel down-after-milliseconds main 500',
          'sentinel failover-timeout main 3000',
          '',
        ].join('\n'),
      )
      return startRedis({ sentinel: true, args: [config], port, folder: master.folder })
    }),
  )
  const knowsAll = async (sentinel: RedisServer) =>
    /num-other-sentinels,2,.*num-slaves,1|num-slaves,1,.*num-other-sentinels,2/.test(
      String(await sentinel.run('SENTINEL', 'MASTER', 'main')),
    )
  await until(async () => (await Promise.all(sentinels.map(knowsAll))).every(Boolean), 'Sentinels know all', 20_000)
  return {
    master,
    replica,
    sentinels,
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/main`,
    async stop() {
      for (const sentinel of sentinels) await sentinel.kill()
      await replica.stop()
      await master.stop()
    },
  }
}

export type RedisCluster = Readonly<{ nodes: readonly RedisServer[]; url: string; stop(): Promise<void> }>

/** Three masters without replicas, a third of the slots each; what is left serves when one is gone. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const busPorts = await findFreePorts()
  const nodes = await Promise.all(
    busPorts.map((busPort) =>
      startRedis({
        args: [
          ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '1000'],
          ...['--cluster-require-full-coverage', 'no', '--cluster-config-file', 'nodes.conf'],
        ],
      }),
    ),
  )
  const [first] = nodes
  if (first === undefined) throw new Error('no nodes')
  const slots = [
    [0, 5_460],
    [5_461, 10_922],
    [10_923, 16_383],
  ]
  await Promise.all(
    nodes.map((node, at) => node.run('CLUSTER', 'ADDSLOTSRANGE', ...(slots[at] ?? []).map((slot) => String(slot)))),
  )
  for (const [at, node] of nodes.entries()) {
    if (at > 0) await first.run('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(busPorts[at]))
  }
  const isWhole = async (node: RedisServer) => {
    const text = String(await node.run('CLUSTER', 'INFO'))
    return text.includes('cluster_state:ok') && text.includes('cluster_slots_ok:16384')
  }
  await until(async () => (await Promise.all(nodes.map(isWhole))).every(Boolean), 'the cluster is whole', 20_000)
  return {
    nodes,
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    async stop() {
      for (const node of nodes) await node.stop()
    },
  }
}

/** A group whose keys live on the node that has this third of the slots. */
export async function findGroupOn(node: RedisServer, range: 0 | 1 | 2): Promise<string> {
  for (let at = 0; at < 200; at++) {
    const slot = Number(await node.run('CLUSTER', 'KEYSLOT', `{team-${at}}`))
    if (Math.min(2, Math.floor(slot / 5_461)) === range) return `team-${at}`
  }
  throw new Error('no group found')
}
