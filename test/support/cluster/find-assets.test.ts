// Where the control plane's programs come from: nothing half-made is used, nothing is made twice. `go` is a script here,
// since the real one takes minutes; the cluster tests use what the real one made.
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { etcdVersion, kubernetesVersion, programNames, readCacheFolder, readProgramPaths } from './assets.ts'
import { findAssets } from './find-assets.ts'

let root: string
let env: NodeJS.ProcessEnv
let cacheFolder: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-assets-'))
  env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(root, 'cache') }
  cacheFolder = readCacheFolder(env)
  mkdirSync(join(root, 'bin'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A `go` that makes an executable for each package it is asked for, after running `script`. */
function installGo(script: string): void {
  const path = join(root, 'bin', 'go')
  const lines = ['#!/bin/sh', '[ "$1" = version ] && exit 0', `echo build >> ${root}/builds`, script]
  const build = [
    'for a; do case $a in',
    '*/) out=$a;;',
    '*/v3) make server;;',
    '*/cmd/*) make "$(basename "$a")";;',
    'esac; done',
  ]
  const make = 'make() { echo "#!/bin/sh" > "$out$1"; chmod +x "$out$1"; }'
  writeFileSync(path, [...lines, make, ...build, ''].join('\n'))
  chmodSync(path, 0o755)
}

const readBuilds = () => readFileSync(join(root, 'builds'), 'utf8').trim().split('\n').length
const readLeftovers = () =>
  readdirSync(dirname(cacheFolder)).filter((name) => join(dirname(cacheFolder), name) !== cacheFolder)

test('the versions are those of the Go modules', () => {
  const tools = join(import.meta.dirname, '../../../tools')
  expect(readFileSync(join(tools, 'kubernetes/go.mod'), 'utf8')).toContain(`k8s.io/kubernetes v${kubernetesVersion}\n`)
  expect(readFileSync(join(tools, 'etcd/go.mod'), 'utf8')).toContain(`go.etcd.io/etcd/server/v3 v${etcdVersion}\n`)
})

test('an incomplete KUBEBUILDER_ASSETS is an error, a complete one is used before all else', async () => {
  const folder = join(root, 'assets')
  mkdirSync(folder)
  const withAssets = { ...env, KUBEBUILDER_ASSETS: folder }
  for (const name of programNames) {
    await expect(findAssets(withAssets, () => {})).rejects.toThrow(`KUBEBUILDER_ASSETS=${folder} lacks ${name}`)
    writeFileSync(join(folder, name), '', { mode: 0o755 })
  }
  expect(await findAssets(withAssets, () => {})).toEqual({ programs: readProgramPaths(folder) })
})

test('without Go the answer is one line that lists what was tried', async () => {
  const assets = await findAssets({ ...env, PATH: join(root, 'bin') }, () => {})
  expect(assets).toEqual({
    missing: `no Kubernetes API server here; tried KUBEBUILDER_ASSETS (not set), ${cacheFolder} (empty), go build (no go on the PATH)`,
  })
})

test('a failed build leaves nothing behind and says what Go said last', async () => {
  installGo('echo "go: module lookup disabled" >&2; exit 1')
  const assets = await findAssets(env, () => {})
  expect(assets).toMatchObject({ missing: expect.stringContaining('go build (go: module lookup disabled (1))') })
  expect(readdirSync(dirname(cacheFolder))).toEqual([])
})

test('two runs at once build once, and a third finds it built', async () => {
  installGo('sleep 0.2')
  const expected = { programs: readProgramPaths(cacheFolder) }
  expect(await Promise.all([findAssets(env, () => {}), findAssets(env, () => {})])).toEqual([expected, expected])
  expect(await findAssets(env, () => {})).toEqual(expected)
  expect(readBuilds()).toBe(2) // one for Kubernetes, one for etcd
  expect(readLeftovers()).toEqual([])
})

test('what a killed build left is neither used nor waited for', async () => {
  // This one makes its programs and then hangs before Go would be done.
  installGo('')
  const goPath = join(root, 'bin', 'go')
  writeFileSync(goPath, `${readFileSync(goPath, 'utf8')}echo $$ > ${root}/hanging\nexec sleep 60\n`)
  const script = `import('${join(import.meta.dirname, 'find-assets.ts')}').then((m) => m.findAssets(process.env, () => {}))`
  const builder = spawn(process.execPath, ['-e', script], { env, stdio: 'ignore' })
  try {
    await until(() => existsSync(join(root, 'hanging')), 'the first build hangs')
    expect(readLeftovers()).toHaveLength(2) // its lock and its partial folder
  } finally {
    builder.kill('SIGKILL')
  }
  await new Promise((resolve) => builder.once('exit', resolve))
  process.kill(Number(readFileSync(join(root, 'hanging'), 'utf8')), 'SIGKILL')

  expect(existsSync(cacheFolder)).toBe(false)
  installGo('')
  expect(await findAssets(env, () => {})).toEqual({ programs: readProgramPaths(cacheFolder) })
  expect(readLeftovers()).toEqual([])
})
