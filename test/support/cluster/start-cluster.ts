// Starts a whole control plane of real programs on loopback, in a throwaway folder, and ends it whatever happens.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../until.ts'
import type { ClusterPrograms } from './assets.ts'
import { type ClusterClient, createClusterClient } from './cluster-client.ts'
import { ControlPlaneProcess } from './control-plane-process.ts'
import { adminUser, type ClusterUser, writeKubeconfig, writeServiceAccountKey, writeTokenFile } from './credentials.ts'
import { findFreePorts } from './free-ports.ts'
import { startReaper } from './reaper.ts'

export type StartClusterOptions = Readonly<{
  programs: ClusterPrograms
  /** Further users of the token file, beside `admin`. */
  users?: readonly ClusterUser[]
  /** Also runs kube-controller-manager, and with it ServiceAccount admission. */
  controllerManager?: boolean
  /** Added to kube-apiserver's flags: `--audit-log-path=…`. */
  apiServerFlags?: readonly string[]
}>

export type Cluster = ClusterClient &
  Readonly<{
    /** Everything of this cluster, logs included; removed by `stop`. */
    folder: string
    readPids(): Readonly<{ etcd: number; apiServer: number; controllerManager: number | null; reaper: number }>
    /** SIGSTOP: connections stay open and silent. */
    pauseApiServer(): void
    resumeApiServer(): void
    /** SIGKILL; resolves when it is gone. */
    killApiServer(): Promise<void>
    /** Starts it again (killing it first) on the same port, data and certificate; resolves when ready. */
    restartApiServer(): Promise<void>
    stop(): Promise<void>
  }>

const readyTimeoutMs = 60_000
const startAttempts = 3

/** Resolves when the API server answers /readyz (3–5 s on two cores), and with controllers when `default/default` exists. */
export async function startCluster(options: StartClusterOptions): Promise<Cluster> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options)
    } catch (error) {
      // Somebody took a port between our choice and the program's start.
      const isPortTaken = error instanceof Error && error.message.includes('address already in use')
      if (!isPortTaken || attempt === startAttempts) throw error
    }
  }
}

async function startOnce(options: StartClusterOptions): Promise<Cluster> {
  const { programs } = options
  const folder = await mkdtemp(join(tmpdir(), 'sluice-cluster-'))
  const reaper = startReaper(folder)
  try {
    const [etcdPort, peerPort, apiPort] = await findFreePorts()
    const tokens = writeTokenFile(folder, [adminUser, ...(options.users ?? [])])
    const keyPath = writeServiceAccountKey(folder)
    const etcdUrl = `http://127.0.0.1:${etcdPort}`
    const peerUrl = `http://127.0.0.1:${peerPort}`
    const serverUrl = `https://127.0.0.1:${apiPort}`
    const caPath = join(folder, 'certificates', 'apiserver.crt')
    const kubeconfigPaths = Object.fromEntries(
      Object.entries(tokens).map(([user, token]) => [user, writeKubeconfig(folder, serverUrl, caPath, user, token)]),
    )
    const kubeconfigPath = kubeconfigPaths.admin ?? ''

    const etcd = new ControlPlaneProcess(folder, programs.etcd, [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ])
    const startApiServer = () =>
      new ControlPlaneProcess(folder, programs['kube-apiserver'], [
        `--etcd-servers=${etcdUrl}`,
        '--bind-address=127.0.0.1',
        '--advertise-address=127.0.0.1',
        `--secure-port=${apiPort}`,
        // It signs its own certificate here, and finds it again after a restart.
        `--cert-dir=${join(folder, 'certificates')}`,
        `--token-auth-file=${join(folder, 'tokens.csv')}`,
        '--authorization-mode=RBAC',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${keyPath}`,
        `--service-account-signing-key-file=${keyPath}`,
        '--service-cluster-ip-range=10.0.0.0/24',
        '--endpoint-reconciler-type=none',
        '--allow-privileged=true',
        // Without controllers nobody makes the service accounts that this admission waits for.
        ...(options.controllerManager ? [] : ['--disable-admission-plugins=ServiceAccount']),
        ...(options.apiServerFlags ?? []),
      ])

    const client = createClusterClient({
      serverUrl,
      caPath,
      kubeconfigPath,
      kubeconfigPaths,
      tokens,
      kubectlPath: programs.kubectl,
    })
    const isServed = (path: string) =>
      client.api('GET', path).then(
        ({ status }) => status === 200,
        () => false,
      )
    const waitUntilReady = (server: ControlPlaneProcess) => {
      const isReady = () => {
        etcd.assertRunning()
        server.assertRunning()
        return isServed('/readyz')
      }
      return until(isReady, `${serverUrl}/readyz`, readyTimeoutMs)
    }

    let apiServer = startApiServer()
    await waitUntilReady(apiServer)
    const controllerManager = options.controllerManager
      ? new ControlPlaneProcess(folder, programs['kube-controller-manager'], [
          `--kubeconfig=${kubeconfigPath}`,
          `--service-account-private-key-file=${keyPath}`,
          `--root-ca-file=${caPath}`,
          '--leader-elect=false',
          '--secure-port=0',
        ])
      : null
    if (controllerManager) {
      const hasControllers = () => {
        controllerManager.assertRunning()
        return isServed('/api/v1/namespaces/default/serviceaccounts/default')
      }
      await until(hasControllers, 'service account default/default', readyTimeoutMs)
    }

    return {
      ...client,
      folder,
      readPids: () => ({
        etcd: etcd.pid,
        apiServer: apiServer.pid,
        controllerManager: controllerManager?.pid ?? null,
        reaper: reaper.pid,
      }),
      pauseApiServer: () => apiServer.pause(),
      resumeApiServer: () => apiServer.resume(),
      killApiServer: () => apiServer.kill(),
      async restartApiServer() {
        await apiServer.kill()
        apiServer = startApiServer()
        await waitUntilReady(apiServer)
      },
      async stop() {
        client.api.close()
        await Promise.all([controllerManager?.kill(), apiServer.kill(), etcd.kill()])
        await reaper.release()
      },
    }
  } catch (error) {
    await reaper.release()
    throw error
  }
}
