// Finds the cluster to talk to, in kubectl's order: --kubeconfig, KUBECONFIG, ~/.kube/config, the pod's service account.
// Reads files only; contacts nothing. https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { isRecord } from '../../is-record.ts'
import { ConfigurationError } from '../source.ts'
import { renderOneLine } from './api-error.ts'

export type KubeconfigOptions = Readonly<{
  /** `--kubeconfig`: this file and nothing else. */
  kubeconfigPath?: string
  /** `--context`: instead of the file's current-context. */
  context?: string
}>

const serviceAccountTokenPath = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** A KubeConfig whose current context names a cluster with a server. Throws a one-line ConfigurationError. */
export function loadKubeconfig(options: KubeconfigOptions): KubeConfig {
  const paths = findKubeconfigPaths(options)
  const kubeConfig = paths.length > 0 ? mergeFiles(paths) : loadInCluster()
  if (options.context !== undefined) kubeConfig.setCurrentContext(options.context)
  checkContext(kubeConfig, paths)
  return kubeConfig
}

function findKubeconfigPaths(options: KubeconfigOptions): readonly string[] {
  if (options.kubeconfigPath !== undefined) {
    if (!existsSync(options.kubeconfigPath)) fail(`--kubeconfig ${options.kubeconfigPath}: no such file`)
    return [options.kubeconfigPath]
  }
  // As in kubectl, files of KUBECONFIG that don't exist are skipped, and the home file counts only without it.
  const listed = process.env.KUBECONFIG
  if (listed !== undefined && listed !== '') {
    return listed.split(delimiter).filter((path) => path !== '' && existsSync(path))
  }
  const homePath = join(process.env.HOME ?? homedir(), '.kube', 'config')
  return existsSync(homePath) ? [homePath] : []
}

function loadInCluster(): KubeConfig {
  if (process.env.KUBERNETES_SERVICE_HOST === undefined || !existsSync(serviceAccountTokenPath)) {
    fail(
      'no Kubernetes cluster is configured: give --kubeconfig, set KUBECONFIG, or run in a pod with a service account',
    )
  }
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromCluster()
  return kubeConfig
}

/** The first file to name something wins, as in kubectl. */
function mergeFiles(paths: readonly string[]): KubeConfig {
  const [first, ...others] = paths.map(loadFile)
  if (first === undefined) return new KubeConfig()
  for (const other of others) {
    first.clusters = mergeNamed(first.clusters, other.clusters)
    first.users = mergeNamed(first.users, other.users)
    first.contexts = mergeNamed(first.contexts, other.contexts)
    if (!first.currentContext) first.currentContext = other.currentContext
  }
  return first
}

function mergeNamed<T extends { name: string }>(first: readonly T[], others: readonly T[]): T[] {
  return [...first, ...others.filter((other) => !first.some((item) => item.name === other.name))]
}

function loadFile(path: string): KubeConfig {
  const kubeConfig = new KubeConfig()
  try {
    kubeConfig.loadFromFile(path)
    applyTokenFiles(kubeConfig, path)
  } catch (error) {
    // Not the parser's whole text: it quotes the file, which holds credentials.
    const code = isRecord(error) && typeof error.code === 'string' ? error.code : 'not a valid kubeconfig file'
    fail(`kubeconfig ${path}: ${code}`)
  }
  return kubeConfig
}

/** The client library knows `tokenFile` only for service accounts: hand a user's over in that form, so that it is re-read. */
function applyTokenFiles(kubeConfig: KubeConfig, path: string): void {
  const document: unknown = parse(readFileSync(path, 'utf8'))
  const users = isRecord(document) && Array.isArray(document.users) ? document.users : []
  for (const entry of users) {
    const tokenFile = isRecord(entry) && isRecord(entry.user) ? entry.user.tokenFile : undefined
    if (!isRecord(entry) || typeof tokenFile !== 'string' || tokenFile === '') continue
    const absolute = isAbsolute(tokenFile) ? tokenFile : join(dirname(path), tokenFile)
    kubeConfig.users = kubeConfig.users.map((user) =>
      user.name === entry.name
        ? { ...user, authProvider: { name: 'tokenFile', config: { tokenFile: absolute } } }
        : user,
    )
  }
}

function checkContext(kubeConfig: KubeConfig, paths: readonly string[]): void {
  const where = paths.length > 0 ? `kubeconfig ${paths.join(', ')}` : 'in-cluster configuration'
  const name = kubeConfig.getCurrentContext()
  if (!name) fail(`${where}: no current-context is set: give --context`)
  const context = kubeConfig.getContextObject(name)
  if (context === null) {
    const known = kubeConfig.getContexts().map((each) => each.name)
    fail(`${where}: there is no context "${name}" (there are: ${known.join(', ') || 'none'})`)
  }
  const cluster = kubeConfig.getCluster(context.cluster)
  if (cluster === null) fail(`${where}: context "${name}" names cluster "${context.cluster}", which is not defined`)
  if (!URL.canParse(cluster.server ?? '')) fail(`${where}: cluster "${cluster.name}" has no valid server address`)
  if (cluster.proxyUrl && !/^https?:/.test(cluster.proxyUrl)) {
    fail(`${where}: cluster "${cluster.name}": of proxy-url only http and https are supported`)
  }
  if (context.user === undefined || context.user === '') {
    // The library reads a cluster's CA only when there is a user.
    kubeConfig.contexts = kubeConfig.contexts.map((each) => (each === context ? { ...each, user: 'anonymous' } : each))
    kubeConfig.users = mergeNamed(kubeConfig.users, [{ name: 'anonymous' }])
  } else if (kubeConfig.getUser(context.user) === null) {
    fail(`${where}: context "${name}" names user "${context.user}", which is not defined`)
  }
}

function fail(line: string): never {
  throw new ConfigurationError([renderOneLine(line)])
}
