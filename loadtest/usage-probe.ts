// Loaded into a server under test with `--import`: answers what CPU time and memory its process has used. Exact where
// /proc/<pid>/stat counts in hundredths of a second, and the same on every system.
import { getActiveResourcesInfo } from 'node:process'

process.on('message', (message) => {
  // With --expose-gc: what is left after a collection is what is really held.
  if (message === 'collected-usage') global.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send?.({
    cpuMicros: user + system,
    rssBytes: rss,
    heapBytes: heapUsed + external,
    activeResources: getActiveResourcesInfo(),
  })
})
// Answering must not keep a server alive that is done.
process.channel?.unref()
// Whoever started this server is gone, killed perhaps: nobody else would end it.
process.on('disconnect', () => process.exit(1))
