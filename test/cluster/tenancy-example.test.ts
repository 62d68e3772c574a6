// examples/tenancy in a cluster, as its page says: one `kubectl apply` of the folder as it stands, and the teams may call.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeCluster, shareCluster } from '../support/cluster/describe-cluster.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'
import { until } from '../support/until.ts'

describeCluster('examples/tenancy', () => {
  let serve: ServeProcess | undefined

  beforeAll(async () => {
    const cluster = shareCluster()
    await cluster.applyCrds()
    const { code, stderr } = await cluster.kubectl(['apply', '-f', 'examples/tenancy'])
    expect(code, stderr).toBe(0)
    const cli = ['--kubernetes', '--kubeconfig', cluster.kubeconfigPath, '--namespace', 'tenancy', '--simulate']
    serve = await startServe(cli)
  }, 60_000)
  afterAll(async () => {
    await serve?.end()
    await shareCluster().kubectl(['delete', 'namespace', 'tenancy', '--wait=false'])
  })

  const listModels = async (team: string) => {
    const answer = await fetch(`${serve?.url}/v1/models`, { headers: { authorization: `Bearer sk-demo-${team}` } })
    return [...(await answer.text()).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id)
  }

  test('each team sees its models, and nothing is said to be wrong', async () => {
    await until(async () => (await listModels('team-search')).length > 0, 'the policy is in force')
    expect(await listModels('team-search')).toEqual(['chat-small', 'embed-text'])
    expect(await listModels('team-support')).toEqual(['chat-large', 'chat-small'])
    const log = serve?.readLog() ?? []
    expect(log.filter(({ level }) => level !== 'info')).toEqual([])
    expect(log.find(({ msg }) => msg === 'configuration published')).toMatchObject({ objects: 6, problems: 0 })
  })
})
