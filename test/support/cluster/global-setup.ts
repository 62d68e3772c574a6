// vitest's global setup of the `cluster` project: finds or makes the programs and starts the control plane that the
// tests share. It runs only when a test of that project does.
import type { TestProject } from 'vitest/node'
import { findAssets } from './find-assets.ts'
import { startCluster } from './start-cluster.ts'

/** Users without any rights, for RBAC tests on the shared control plane. */
const plainUsers = [{ name: 'alice', groups: ['testers'] }, { name: 'bob' }]

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const report = (line: string) => process.stdout.write(`cluster tests: ${line}\n`)
  const assets = await findAssets(process.env, report)
  if ('missing' in assets) {
    report(`${process.env.CI === 'true' ? 'FAILED' : 'skipped'}: ${assets.missing}`)
    project.provide('cluster', { missing: assets.missing })
    return undefined
  }
  const cluster = await startCluster({ programs: assets.programs, users: plainUsers })
  const { serverUrl, caPath, kubeconfigPath, kubeconfigPaths, tokens, kubectlPath } = cluster
  project.provide('cluster', {
    programs: assets.programs,
    connection: { serverUrl, caPath, kubeconfigPath, kubeconfigPaths, tokens, kubectlPath },
  })
  return () => cluster.stop()
}
