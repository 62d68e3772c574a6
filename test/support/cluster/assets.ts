// Which programs make a control plane, in which versions, and where on this machine they are kept.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Kept in step with tools/kubernetes/go.mod and tools/etcd/go.mod; a test compares them. */
export const kubernetesVersion = '1.36.3'
export const etcdVersion = '3.6.16'

export const programNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const
export type ProgramName = (typeof programNames)[number]

/** Absolute paths of the four programs. */
export type ClusterPrograms = Readonly<Record<ProgramName, string>>

/** `programs`, or why there are none: one line for a person. */
export type ClusterAssets = Readonly<{ programs: ClusterPrograms } | { missing: string }>

/** The folder of the built programs, outside the checkout: named by origin, versions and platform, so never stale. */
export function readCacheFolder(env: NodeJS.ProcessEnv): string {
  const root = env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const name = `go-build_kubernetes-${kubernetesVersion}_etcd-${etcdVersion}_${process.platform}-${process.arch}`
  return join(root, 'sluice', 'control-plane', name)
}

/** The programs of one folder, present or not. */
export function readProgramPaths(folder: string): ClusterPrograms {
  return {
    etcd: join(folder, 'etcd'),
    'kube-apiserver': join(folder, 'kube-apiserver'),
    'kube-controller-manager': join(folder, 'kube-controller-manager'),
    kubectl: join(folder, 'kubectl'),
  }
}
