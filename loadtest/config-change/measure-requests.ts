// Latency and CPU of requests through gateways with few and with many routes, in turns, so that the machine's moods
// hit them alike.
import { Client } from 'undici'
import { readRoutePath } from './bench-routes.ts'
import type { GatewayProcess } from './gateway-process.ts'

const rounds = 6
const requestsPerRound = 3_000
const connections = 2

export type Subject = Readonly<{ routes: number; gateway: GatewayProcess }>

export type RequestCost = Readonly<{
  routes: number
  latenciesMs: readonly number[]
  /** Of the gateway's process. */
  cpuMicrosPerRequest: number
}>

/** Sends requests to paths spread over all routes of each subject. The first round warms up and is not counted. */
export async function measureRequests(subjects: readonly Subject[]): Promise<RequestCost[]> {
  const samples = subjects.map(({ routes, gateway }) => ({ routes, gateway, latencies: [] as number[], cpuMicros: 0 }))
  for (let round = 0; round <= rounds; round += 1) {
    for (const sample of samples) {
      const cpuBefore = await sample.gateway.readCpuMicros()
      const latencies = await sendRound(sample.gateway.dataUrl, sample.routes)
      if (round === 0) continue
      sample.cpuMicros += (await sample.gateway.readCpuMicros()) - cpuBefore
      sample.latencies.push(...latencies)
    }
  }
  return samples.map(({ routes, latencies, cpuMicros }) => ({
    routes,
    latenciesMs: latencies,
    cpuMicrosPerRequest: cpuMicros / latencies.length,
  }))
}

async function sendRound(origin: string, routes: number): Promise<number[]> {
  const latencies: number[] = []
  let sent = 0
  const send = async () => {
    const client = new Client(origin)
    while (sent < requestsPerRound) {
      // A prime step visits routes all over the table.
      const path = readRoutePath((sent * 7919) % routes)
      sent += 1
      const startedMs = performance.now()
      const { statusCode, body } = await client.request({ method: 'GET', path })
      await body.dump()
      latencies.push(performance.now() - startedMs)
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`)
    }
    await client.close()
  }
  await Promise.all(Array.from({ length: connections }, send))
  return latencies
}
