// Starts a simulator without delays on a free port and stops it after the test.
import { onTestFinished } from 'vitest'
import { createSimulator } from '../../src/simulator/create-simulator.ts'
import { defaultSimulatorSettings, type SimulatorSettings } from '../../src/simulator/simulator-settings.ts'

export async function startSimulator(
  settings: Partial<SimulatorSettings> = {},
): Promise<{ url: string; port: number }> {
  const simulator = createSimulator({ ...defaultSimulatorSettings, port: 0, ttftMs: 0, interTokenMs: 0, ...settings })
  const address = await simulator.start()
  onTestFinished(() => simulator.stop())
  return address
}

/** POSTs a JSON body; the answer's body is parsed. */
export async function post(url: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  return { status: response.status, json: await response.json() }
}
