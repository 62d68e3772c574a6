// Decides by a seeded generator what goes wrong with a request.
import type { SimulatorSettings } from './simulator-settings.ts'

export type Fault = Readonly<{
  kind: 'none' | 'fail' | 'reset' | 'hang'
  /** Where in a stream it strikes: 0 before the head, up to 1 at the last event. */
  position: number
}>

const noFault: Fault = { kind: 'none', position: 0 }

/** One draw a request, so that rates are shares of all requests and never add up past one fault. */
export function drawFault(settings: SimulatorSettings, random: () => number): Fault {
  const { failRate, resetRate, hangRate } = settings
  if (failRate + resetRate + hangRate === 0) return noFault
  const drawn = random()
  const position = random()
  if (drawn < failRate) return { kind: 'fail', position }
  if (drawn < failRate + resetRate) return { kind: 'reset', position }
  if (drawn < failRate + resetRate + hangRate) return { kind: 'hang', position }
  return noFault
}
