// Builds the control plane's programs from the Go modules that tools/ pins, and puts them in place by one rename:
// a folder under its final name is whole, whatever was killed when.
import { spawn, spawnSync } from 'node:child_process'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { kubernetesVersion } from './assets.ts'

const reportEveryMs = 15_000
const toolsFolder = join(import.meta.dirname, '..', '..', '..', 'tools')
const [major, minor] = kubernetesVersion.split('.')
const versionPackage = 'k8s.io/component-base/version'

/** One `go build` each; CGO off everywhere, or the packages they share are built twice. */
const builds = [
  {
    folder: 'kubernetes',
    packages: ['kube-apiserver', 'kube-controller-manager', 'kubectl'].map((name) => `k8s.io/kubernetes/cmd/${name}`),
    linkerFlags: [
      `-X ${versionPackage}.gitVersion=v${kubernetesVersion}`,
      `-X ${versionPackage}.gitMajor=${major}`,
      `-X ${versionPackage}.gitMinor=${minor}`,
    ],
  },
  { folder: 'etcd', packages: ['go.etcd.io/etcd/server/v3'], linkerFlags: [] },
]

/** Fills `folder`. Resolves with null, or with one line that says why not. Holds no lock: the caller does. */
export async function buildAssets(
  folder: string,
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<string | null> {
  if (spawnSync('go', ['version'], { cwd: toolsFolder, env }).status !== 0) return 'no go on the PATH'
  const partialPrefix = `${basename(folder)}.partial-`
  await mkdir(dirname(folder), { recursive: true })
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(partialPrefix)) await rm(join(dirname(folder), name), { recursive: true, force: true })
  }
  const partialFolder = join(dirname(folder), `${partialPrefix}${process.pid}`)
  await mkdir(partialFolder)

  report(`making a Kubernetes ${kubernetesVersion} API server with Go: once per machine, up to 12 minutes`)
  const startedMs = Date.now()
  let compiledPackages = 0
  let downloadedModules = 0
  const ticker = setInterval(() => {
    const did = `${downloadedModules} modules downloaded, ${compiledPackages} packages compiled`
    report(`still making it: ${renderElapsed(startedMs)}, ${did}`)
  }, reportEveryMs)
  try {
    for (const { folder: tool, packages, linkerFlags } of builds) {
      const failure = await runGoBuild(env, tool, partialFolder, packages, ['-s', '-w', ...linkerFlags], (line) => {
        if (line.startsWith('go: downloading ')) downloadedModules += 1
        else compiledPackages += 1
      })
      if (failure !== null) return failure
    }
    // etcd's program is the root of a module path that ends in /v3, so Go names it after `server`.
    await rename(join(partialFolder, 'server'), join(partialFolder, 'etcd')).catch(() => {})
    // What stands there is not whole, or we would not be here.
    await rm(folder, { recursive: true, force: true })
    await rename(partialFolder, folder)
    report(`made in ${renderElapsed(startedMs)}: ${folder}`)
    return null
  } finally {
    clearInterval(ticker)
    await rm(partialFolder, { recursive: true, force: true })
  }
}

function runGoBuild(
  env: NodeJS.ProcessEnv,
  tool: string,
  outFolder: string,
  packages: readonly string[],
  linkerFlags: readonly string[],
  onLine: (line: string) => void,
): Promise<string | null> {
  // -v prints each package as it is compiled: the only sign of life that Go gives.
  const flags = ['build', '-v', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags.join(' ')]
  const go = spawn('go', [...flags, '-o', `${outFolder}/`, ...packages], {
    cwd: join(toolsFolder, tool),
    env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return new Promise((resolve) => {
    let rest = ''
    let lastLine = ''
    go.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line.trim() !== '') lastLine = line.trim()
        onLine(line)
      }
    })
    go.on('error', (error) => resolve(error.message))
    go.on('close', (code, signal) => resolve(code === 0 ? null : `${lastLine || 'failed'} (${signal ?? code})`))
  })
}

function renderElapsed(startedMs: number): string {
  const seconds = Math.round((Date.now() - startedMs) / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
