// The four measurements of one contender in one round. Each throws when an answer is not what it should be: a fast
// error is no result.
import autocannon from 'autocannon'
import type { Contender } from './contenders.ts'
import { Probe } from './probe.ts'
import { percentile } from './statistics.ts'
import { renderChatRequest } from './wire.ts'

export const unaryConnections = 64
const streamConnections = 100

export type UnaryResult = Readonly<{
  requestsPerSecond: number
  /** Null for direct. */
  cpuMicrosPerRequest: number | null
  /** Share of one core the proxy used: below 0.95 the load, not the proxy, was the bottleneck. */
  coreShare: number | null
}>

/** Requests and streams before anything counts, by number and not by time: a busy machine compiles as late as a quiet one. */
export async function warmUp(contender: Contender, requests: number): Promise<void> {
  await runAutocannon(contender, { amount: requests })
  const probes = await connectAll(contender.port, streamConnections)
  const burst = renderChatRequest('burst')
  for (let done = 0; done < requests / 20; done += probes.length) {
    await Promise.all(probes.map((probe) => probe.request(burst)))
  }
  for (const probe of probes) probe.close()
}

/** Throughput of unary requests with 64 connections that always have one under way. */
export async function measureUnary(contender: Contender, seconds: number): Promise<UnaryResult> {
  const before = await readCpu(contender)
  const start = performance.now()
  const result = await runAutocannon(contender, { duration: seconds })
  const elapsedMs = performance.now() - start
  const after = await readCpu(contender)
  const count = result['2xx']
  const cpuMicros = before === null || after === null ? null : after - before
  return {
    requestsPerSecond: count / (elapsedMs / 1000),
    cpuMicrosPerRequest: cpuMicros === null ? null : cpuMicros / count,
    coreShare: cpuMicros === null ? null : cpuMicros / 1000 / elapsedMs,
  }
}

/** Unary requests; throws unless every one was answered well. */
async function runAutocannon(contender: Contender, until: { amount: number } | { duration: number }) {
  const [head = '', body = ''] = renderChatRequest('unary').toString().split('\r\n\r\n')
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(': '))
      .filter(([name]) => name !== 'host' && name !== 'content-length'),
  )
  const url = `http://127.0.0.1:${contender.port}/v1/chat/completions`
  const result = await autocannon({ url, method: 'POST', headers, body, connections: unaryConnections, ...until })
  const bad = result.errors + result.timeouts + result.non2xx
  if (bad > 0) throw new Error(`${contender.name}: ${bad} of autocannon's requests failed`)
  return result
}

export type LatencyResult = Readonly<{ p50Ms: number; p99Ms: number }>

/** Time of unary requests one after another on one connection. */
export async function measureLatency(contender: Contender, count: number): Promise<LatencyResult> {
  const samples = await runSequence(contender, 'unary', count, (timing) => timing.totalMs)
  return { p50Ms: percentile(samples, 0.5), p99Ms: percentile(samples, 0.99) }
}

/** Time from the request to the first byte of the body of a stream, one after another on one connection. */
export async function measureFirstEvent(contender: Contender, count: number): Promise<LatencyResult> {
  const samples = await runSequence(contender, 'brief', count, (timing) => timing.firstBodyMs)
  return { p50Ms: percentile(samples, 0.5), p99Ms: percentile(samples, 0.99) }
}

export type StreamResult = Readonly<{
  /** Null for direct. */
  cpuMicrosPerStream: number | null
  streamsPerSecond: number
}>

/** CPU time of whole streams of 100 events, 100 streams at a time. */
export async function measureStreams(
  contender: Contender,
  kind: 'stream' | 'burst',
  seconds: number,
): Promise<StreamResult> {
  const request = renderChatRequest(kind)
  const probes = await connectAll(contender.port, streamConnections)
  const before = await readCpu(contender)
  const start = performance.now()
  const count = await runAll(probes, request, start + seconds * 1000)
  const elapsedMs = performance.now() - start
  const after = await readCpu(contender)
  for (const probe of probes) probe.close()
  return {
    cpuMicrosPerStream: before === null || after === null ? null : (after - before) / count,
    streamsPerSecond: count / (elapsedMs / 1000),
  }
}

export type MemoryResult = Readonly<{ rssKilobytesPerStream: number; streams: number }>

/** Growth of the proxy's RSS with this many streams open, an event a second on each. The contender must be fresh. */
export async function measureMemory(contender: Contender, streams: number, settleMs: number): Promise<MemoryResult> {
  const { server } = contender
  if (server === null) throw new Error('direct has no process to measure')
  // Code and pools are warm before the count starts. Only lightly: garbage of a load would be counted as free room.
  await runSequence(contender, 'unary', 200, (timing) => timing.totalMs)
  await runSequence(contender, 'brief', 50, (timing) => timing.totalMs)
  const before = await server.readUsage()
  const request = renderChatRequest('held')
  const probes: Probe[] = []
  // A few at a time: a flood of connects would measure the accept queue.
  while (probes.length < streams) {
    const batch = await connectAll(contender.port, Math.min(50, streams - probes.length))
    await Promise.all(batch.map((probe) => probe.hold(request)))
    probes.push(...batch)
  }
  const samples: number[] = []
  for (let count = 0; count < 5; count++) {
    await new Promise((resolve) => setTimeout(resolve, settleMs / 5))
    samples.push((await server.readUsage()).rssBytes)
  }
  for (const probe of probes) probe.close()
  return { rssKilobytesPerStream: (percentile(samples, 0.5) - before.rssBytes) / 1024 / streams, streams }
}

async function readCpu(contender: Contender): Promise<number | null> {
  return contender.server === null ? null : (await contender.server.readUsage()).cpuMicros
}

function connectAll(port: number, count: number): Promise<Probe[]> {
  return Promise.all(Array.from({ length: count }, () => Probe.connect(port)))
}

/** Every probe sends again and again until the time is up; returns the number of answers. */
async function runAll(probes: readonly Probe[], request: Buffer, endMs: number): Promise<number> {
  let count = 0
  const run = async (probe: Probe) => {
    while (performance.now() < endMs) {
      const { status } = await probe.request(request)
      if (status !== 200) throw new Error(`status ${status}`)
      count++
    }
  }
  await Promise.all(probes.map(run))
  return count
}

async function runSequence(
  contender: Contender,
  kind: 'unary' | 'brief',
  count: number,
  read: (timing: { totalMs: number; firstBodyMs: number }) => number,
): Promise<number[]> {
  const request = renderChatRequest(kind)
  const probe = await Probe.connect(contender.port)
  const samples: number[] = []
  const warmUp = Math.min(100, Math.floor(count / 5))
  for (let done = 0; done < count + warmUp; done++) {
    const timing = await probe.request(request)
    if (timing.status !== 200) throw new Error(`${contender.name}: status ${timing.status}`)
    if (done >= warmUp) samples.push(read(timing))
  }
  probe.close()
  return samples
}
