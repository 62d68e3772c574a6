// A program that owns a control plane and waits to be killed: the reaper's test. Prints one JSON line when started.
import { findAssets } from './find-assets.ts'
import { startCluster } from './start-cluster.ts'

const assets = await findAssets(process.env, (line) => process.stderr.write(`${line}\n`))
if ('missing' in assets) throw new Error(assets.missing)
const cluster = await startCluster({ programs: assets.programs })
cluster.pauseApiServer()
const pids = Object.values(cluster.readPids()).filter((pid) => pid !== null)
process.stdout.write(`${JSON.stringify({ folder: cluster.folder, pids })}\n`)
setInterval(() => {}, 60_000)
