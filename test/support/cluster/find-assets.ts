// Finds the control plane's programs, or has them built: KUBEBUILDER_ASSETS, the cache folder, then `go build`.
// There is no download step: the envtest archive would need a sha512 pinned here, and that of the release that
// matches these versions could not be read from its publisher when this was written. Never pin one on hearsay.
import { accessSync, constants } from 'node:fs'
import { type ClusterAssets, programNames, readCacheFolder, readProgramPaths } from './assets.ts'
import { buildAssets } from './build-assets.ts'
import { withFolderLock } from './folder-lock.ts'

/**
 * Resolves with the programs, or with one line that lists what was tried. Throws where KUBEBUILDER_ASSETS is set and
 * incomplete: whoever set it wants those programs and no others. `report` gets progress lines (a cold build takes minutes).
 */
export async function findAssets(env: NodeJS.ProcessEnv, report: (line: string) => void): Promise<ClusterAssets> {
  if (env.KUBEBUILDER_ASSETS) {
    const lacking = readMissingPrograms(env.KUBEBUILDER_ASSETS)
    if (lacking.length === 0) return { programs: readProgramPaths(env.KUBEBUILDER_ASSETS) }
    throw new Error(`KUBEBUILDER_ASSETS=${env.KUBEBUILDER_ASSETS} lacks ${lacking.join(', ')}: complete it or unset it`)
  }
  const folder = readCacheFolder(env)
  const isFilled = () => readMissingPrograms(folder).length === 0
  if (isFilled()) return { programs: readProgramPaths(folder) }

  const failure = await withFolderLock(
    `${folder}.lock`,
    report,
    // Another process may have filled it while we waited for the lock.
    () => (isFilled() ? Promise.resolve(null) : buildAssets(folder, env, report)),
  )
  if (failure === null && isFilled()) return { programs: readProgramPaths(folder) }
  const tried = ['KUBEBUILDER_ASSETS (not set)', `${folder} (empty)`, `go build (${failure ?? 'made nothing'})`]
  return { missing: `no Kubernetes API server here; tried ${tried.join(', ')}` }
}

function readMissingPrograms(folder: string): string[] {
  const paths = readProgramPaths(folder)
  return programNames.filter((name) => {
    try {
      accessSync(paths[name], constants.X_OK)
      return false
    } catch {
      return true
    }
  })
}
