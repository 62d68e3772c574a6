// A lock between processes, held as a folder: `mkdir` is atomic everywhere. A holder that died is noticed by its
// process id, so a killed build blocks nobody.
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const pollMs = 500
const reportEveryMs = 15_000
/** A holder writes its id right after `mkdir`; a lock without one for this long was left by a kill in between. */
const nameGraceMs = 5_000

/** Runs `work` while holding `lockFolder`; waits for as long as a living process holds it, saying so in `report`. */
export async function withFolderLock<T>(
  lockFolder: string,
  report: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(lockFolder), { recursive: true })
  const startedMs = Date.now()
  let reportedMs = Date.now() - reportEveryMs
  while (!(await takeLock(lockFolder))) {
    if (Date.now() - reportedMs >= reportEveryMs) {
      reportedMs = Date.now()
      const waitedSeconds = Math.round((Date.now() - startedMs) / 1000)
      report(`waiting for another run that makes the Kubernetes API server (${lockFolder}): ${waitedSeconds} s`)
    }
    await delay(pollMs)
  }
  try {
    return await work()
  } finally {
    await rm(lockFolder, { recursive: true, force: true })
  }
}

async function takeLock(lockFolder: string): Promise<boolean> {
  try {
    await mkdir(lockFolder)
    await writeFile(join(lockFolder, 'pid'), String(process.pid))
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  if (await isAbandoned(lockFolder)) {
    // By rename, so that of two waiters only one removes it and neither removes a lock taken since.
    const grave = `${lockFolder}.${process.pid}`
    await rename(lockFolder, grave).catch(() => {})
    await rm(grave, { recursive: true, force: true })
  }
  return false
}

async function isAbandoned(lockFolder: string): Promise<boolean> {
  const text = await readFile(join(lockFolder, 'pid'), 'utf8').catch(() => '')
  if (text === '') {
    const created = await stat(lockFolder).catch(() => null)
    return created !== null && Date.now() - created.mtimeMs > nameGraceMs
  }
  try {
    process.kill(Number(text), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
