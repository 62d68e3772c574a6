// How a test file gets at a control plane: the shared one, or one of its own to break. Where the programs can't be
// had, the tests inside are skipped; with CI=true they fail instead, because CI that tests nothing must not pass.
import { describe, inject, test } from 'vitest'
import type { ClusterPrograms } from './assets.ts'
import { type ClusterClient, type ClusterConnection, createClusterClient } from './cluster-client.ts'
import { type Cluster, type StartClusterOptions, startCluster } from './start-cluster.ts'

/** What global-setup.ts hands to the workers. */
export type ProvidedCluster = Readonly<
  { missing: string } | { programs: ClusterPrograms; connection: ClusterConnection }
>

declare module 'vitest' {
  interface ProvidedContext {
    cluster: ProvidedCluster
  }
}

/** `describe` for tests that need a control plane. Use `shareCluster` and `startOwnCluster` in its hooks and tests. */
export function describeCluster(name: string, body: () => void): void {
  const provided = inject('cluster')
  if (provided === undefined) {
    throw new Error('put this file into test/cluster/ or name it *.cluster.test.ts: only those get a control plane')
  }
  if (!('missing' in provided)) {
    describe(name, body)
  } else if (process.env.CI === 'true') {
    describe(name, () => {
      test('has a Kubernetes API server to run against', () => {
        throw new Error(provided.missing)
      })
    })
  } else {
    describe.skip(name, body)
  }
}

let shared: ClusterClient | null = null

/** The control plane that all files of this run share: use a namespace of your own, and never pause or kill it. */
export function shareCluster(): ClusterClient {
  shared ??= createClusterClient(readProvided().connection)
  return shared
}

/** A control plane for this test file alone, to pause, kill and restart: 3–5 s. Stop it in `afterAll`. */
export function startOwnCluster(options: Omit<StartClusterOptions, 'programs'> = {}): Promise<Cluster> {
  return startCluster({ programs: readProvided().programs, ...options })
}

function readProvided() {
  const provided = inject('cluster')
  if ('missing' in provided) throw new Error(provided.missing)
  return provided
}
