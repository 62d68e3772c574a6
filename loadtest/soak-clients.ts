// The clients of the soak: unary and streamed chats without end, a fifth of them abandoned at a random point. Every
// answer is checked to be the caller's own and to end as it must; what no fault explains is kept.
import { Agent } from 'undici'
import { createRandom } from '../src/simulator/random.ts'
import { isObject } from './json.ts'
import { benchKey, benchModel } from './wire.ts'

export type SoakCounts = Record<'whole' | 'abandoned' | 'failedStatus' | 'incomplete' | 'unexpected', number>

export type SoakClients = Readonly<{
  counts: SoakCounts
  /** The first few things no fault explains. */
  surprises: readonly string[]
  /** Lets what is under way end, then closes every connection. */
  stop(): Promise<void>
}>

export type SoakClientOptions = Readonly<{
  origin: string
  clients: number
  abortShare: number
  seed: number
}>

/** What an upstream fault may become: its own status, or the gateway's word for it. */
const faultStatuses = new Set([500, 502, 504])
/** Longer than an answer takes, so that some of the abandoned ones would have been whole. */
const abortWithinMs = 250

export function startSoakClients(options: SoakClientOptions): SoakClients {
  const random = createRandom(options.seed)
  const agent = new Agent({ connections: options.clients, pipelining: 1, bodyTimeout: 30_000, headersTimeout: 30_000 })
  const counts: SoakCounts = { whole: 0, abandoned: 0, failedStatus: 0, incomplete: 0, unexpected: 0 }
  const surprises: string[] = []
  let isStopping = false
  let serial = 0

  async function runOne(): Promise<void> {
    const number = String(++serial)
    const isStream = random() < 0.5
    const controller = new AbortController()
    const abortTimer =
      random() < options.abortShare ? setTimeout(() => controller.abort(), random() * abortWithinMs) : null
    let hasHead = false
    try {
      const response = await agent.request({
        origin: options.origin,
        path: '/v1/chat/completions',
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${benchKey}` },
        body: JSON.stringify({
          model: benchModel,
          stream: isStream,
          messages: [{ role: 'user', content: `Number ${number} asks for an answer of its own` }],
        }),
        signal: controller.signal,
      })
      hasHead = true
      const text = await response.body.text()
      if (faultStatuses.has(response.statusCode)) counts.failedStatus++
      else if (response.statusCode !== 200) surprise(`status ${response.statusCode}: ${text.slice(0, 200)}`)
      else if (readAnswer(text, isStream).includes(`"Number ${number} `)) counts.whole++
      else surprise(`answer to ${number} ended cleanly and is not whole or not its own: ${text.slice(-200)}`)
    } catch (error) {
      if (controller.signal.aborted) counts.abandoned++
      // Cut after the head is how a stream must fail; before the head there must be a status.
      else if (hasHead) counts.incomplete++
      else surprise(`no answer: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      if (abortTimer !== null) clearTimeout(abortTimer)
    }
  }

  function surprise(text: string): void {
    counts.unexpected++
    if (surprises.length < 20) surprises.push(text)
  }

  async function runClient(): Promise<void> {
    while (!isStopping) {
      await runOne()
      await new Promise((resolve) => setTimeout(resolve, random() * 20))
    }
  }

  const running = Promise.all(Array.from({ length: options.clients }, runClient))
  return {
    counts,
    surprises,
    stop: async () => {
      isStopping = true
      await running
      await agent.close()
    },
  }
}

/** The text of an answer; empty when a stream has no `[DONE]` or the JSON is not an answer. */
function readAnswer(text: string, isStream: boolean): string {
  if (!isStream) return readContent(JSON.parse(text), 'message')
  if (!text.endsWith('data: [DONE]\n\n')) return ''
  const events = text.split('\n\n').filter((event) => event.startsWith('data: {'))
  return events.map((event) => readContent(JSON.parse(event.slice('data: '.length)), 'delta')).join('')
}

function readContent(value: unknown, field: 'message' | 'delta'): string {
  const choice: unknown = isObject(value) && Array.isArray(value.choices) ? value.choices[0] : null
  const part = isObject(choice) ? choice[field] : null
  return isObject(part) && typeof part.content === 'string' ? part.content : ''
}
