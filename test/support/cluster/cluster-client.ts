// What a test does with a running control plane: kubectl, API calls, CRDs, namespaces. It starts and stops nothing.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { type ApiCaller, createApiCaller } from './api-request.ts'

/** Plain data, so that vitest can hand it to its workers. */
export type ClusterConnection = Readonly<{
  serverUrl: string
  /** The API server's self-signed certificate, PEM. */
  caPath: string
  /** Of the user `admin` (group `system:masters`). */
  kubeconfigPath: string
  /** One file a user of the token file. */
  kubeconfigPaths: Readonly<Record<string, string>>
  tokens: Readonly<Record<string, string>>
  kubectlPath: string
}>

export type KubectlResult = Readonly<{ stdout: string; stderr: string; code: number }>

export type ClusterClient = ClusterConnection &
  Readonly<{
    /** Any exit code is a result. `user`: as one of `tokens`; default admin. */
    kubectl(args: readonly string[], options?: { stdin?: string; user?: string }): Promise<KubectlResult>
    /** A JSON call as admin. */
    api: ApiCaller
    /** Applies crds/ and a minimal ReferenceGrant CRD (`referenceGrants: false` leaves it out); resolves when all are served. */
    applyCrds(options?: { referenceGrants?: boolean }): Promise<void>
    /** Creates a namespace with a name that nothing else has (`<prefix>-<random>`); returns the name. */
    createNamespace(prefix?: string): Promise<string>
  }>

const crdFolder = join(import.meta.dirname, '..', '..', '..', 'crds')
const referenceGrantCrd = join(import.meta.dirname, 'reference-grant-crd.yaml')

export function createClusterClient(connection: ClusterConnection): ClusterClient {
  const api = createApiCaller(connection.serverUrl, connection.caPath, connection.tokens.admin ?? '')

  const kubectl: ClusterClient['kubectl'] = (args, { stdin = '', user = 'admin' } = {}) => {
    const kubeconfig = connection.kubeconfigPaths[user]
    if (kubeconfig === undefined) throw new Error(`no such user in this cluster: ${user}`)
    // The discovery cache goes with the cluster: another one may get the same port later.
    const cacheFolder = join(dirname(kubeconfig), 'kubectl-cache')
    const child = spawn(connection.kubectlPath, ['--kubeconfig', kubeconfig, '--cache-dir', cacheFolder, ...args])
    const { promise, resolve, reject } = Promise.withResolvers<KubectlResult>()
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ stdout, stderr, code: code ?? -1 }))
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
    return promise
  }

  return {
    ...connection,
    kubectl,
    api,
    async applyCrds({ referenceGrants = true } = {}) {
      const files = ['-f', crdFolder, ...(referenceGrants ? ['-f', referenceGrantCrd] : [])]
      for (const verb of [
        ['apply', '--server-side', '--force-conflicts'],
        ['wait', '--for=condition=Established', '--timeout=30s'],
      ]) {
        const result = await kubectl([...verb, ...files])
        if (result.code !== 0) throw new Error(`kubectl ${verb[0]} of the CRDs failed: ${result.stderr}`)
      }
    },
    async createNamespace(prefix = 'test') {
      const name = `${prefix}-${randomBytes(4).toString('hex')}`
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
      const response = await api('POST', '/api/v1/namespaces', { body })
      if (response.status !== 201) throw new Error(`namespace ${name}: ${response.status} ${response.text}`)
      return name
    },
  }
}
