// Loaded into a server under test with `--import`: answers what CPU time and memory its process has used. Exact where
// /proc/<pid>/stat counts in hundredths of a second, and the same on every system.
import { getActiveResourcesInfo } from 'node:process'

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({
    cpuMicros: user + system,
    rssBytes: process.memoryUsage.rss(),
    activeResources: getActiveResourcesInfo(),
  })
})
// Answering must not keep a server alive that is done.
process.channel?.unref()
