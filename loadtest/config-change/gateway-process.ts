// A real `sluice serve` process for the configuration benchmark: started, timed, asked for its metrics.
import { findFreePorts } from '../../test/support/cluster/free-ports.ts'
import { until } from '../../test/support/until.ts'
import { spawnServer } from '../spawn-server.ts'

export type Compilations = Readonly<{ count: number; totalMs: number }>

export type GatewayProcess = Readonly<{
  dataUrl: string
  /** From the process's start to the first 200 of /readyz, milliseconds. */
  startMs: number
  /** From the metric `sluice_config_compile_seconds`, all so far. */
  readCompilations(): Promise<Compilations>
  /** User and system time so far. */
  readCpuMicros(): Promise<number>
  stop(): Promise<void>
}>

const readyTimeoutMs = 60_000

/** Starts `sluice serve ARGS` on ports of our choice; resolves when it is ready. */
export async function startGateway(args: readonly string[], env: Record<string, string> = {}): Promise<GatewayProcess> {
  const [dataPort, adminPort] = await findFreePorts()
  const listen = ['--listen', `127.0.0.1:${dataPort}`, '--admin', `127.0.0.1:${adminPort}`]
  const adminUrl = `http://127.0.0.1:${adminPort}`
  const startedMs = performance.now()
  const server = await spawnServer({
    name: 'sluice serve',
    args: ['src/main.ts', 'serve', ...listen, ...args],
    core: null,
    // Whatever it prints first: what counts is /readyz.
    readPort: () => dataPort,
    env,
  })
  const killWithUs = () => {
    if (server.isAlive()) process.kill(server.pid, 'SIGKILL')
  }
  process.once('exit', killWithUs)
  const stop = async () => {
    process.off('exit', killWithUs)
    await server.stop()
  }
  try {
    await until(() => isReady(server.isAlive(), adminUrl), '/readyz of sluice serve', readyTimeoutMs)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    dataUrl: server.url,
    startMs: performance.now() - startedMs,
    readCompilations: async () => {
      const metrics = await (await fetch(`${adminUrl}/metrics`)).text()
      const totalMs = sumSamples(metrics, 'sluice_config_compile_seconds_sum') * 1000
      return { count: sumSamples(metrics, 'sluice_config_compile_seconds_count'), totalMs }
    },
    readCpuMicros: async () => (await server.readUsage()).cpuMicros,
    stop,
  }
}

async function isReady(isAlive: boolean, adminUrl: string): Promise<boolean> {
  if (!isAlive) throw new Error('sluice serve ended by itself')
  return fetch(`${adminUrl}/readyz`).then(
    (response) => response.ok,
    () => false,
  )
}

/** Sum of a metric's samples over all labels. */
function sumSamples(metrics: string, name: string): number {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  if (lines.length === 0) throw new Error(`/metrics has no ${name}`)
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
