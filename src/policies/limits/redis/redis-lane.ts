// Owns whether Redis may be asked, for everything that one server answers: a single Redis is one lane, in a cluster each
// group is one. A lane that fails once is closed: nobody waits for it until a probe, off the request path, has passed.

import { renderProbeKey } from './limit-keys.ts'
import { maxWorkMs, Patience } from './patience.ts'
import { RedisClock } from './redis-clock.ts'
import { describeRedisError, type RedisLink } from './redis-link.ts'
import { allScripts, probeScript, type RedisScript } from './scripts.ts'

export type LaneOptions = Readonly<{
  link: RedisLink
  group: string
  /** No other lane uses the link. */
  isAlone: boolean
  /** `reason`: why it closed; null: it is open (again). */
  onChange: (reason: string | null) => void
  /** Awaited before it opens again: leases are renewed before others ask. Must not reject. */
  beforeOpen: () => Promise<void>
}>

export type LaneCall = Readonly<{
  script: RedisScript
  keys: readonly string[]
  /** Behind the deadline, which the lane sets. */
  args: readonly (string | number)[]
  timeoutMs: number
  /** The answer came after all, when the caller had given up. */
  onLate?: (reply: readonly number[]) => void
}>

/** With the timers' own lateness under the 50 ms that a request may wait. */
export const askTimeoutMs = 40
const idleCheckMs = 1_000
const retryDelayMs = 250
/** After the first failure in a while a lane opens with the first probe that passes, later ones must pass for longer. */
const maxProvingMs = 2_000
const calmMs = 10_000

class LateError extends Error {}

export class RedisLane {
  readonly #options: LaneOptions
  readonly #clock = new RedisClock()
  readonly #patience = new Patience()
  readonly #probeKey: string
  readonly #idleCheck: NodeJS.Timeout
  #isOpen: boolean
  #isStopped = false
  #lastAnswerAtMs = 0
  #lastTimelyAtMs = 0
  #openedAtMs = 0
  #provingMs = 0

  /** `isOpen`: false for the first lane of a process, whose connection is yet to be made. */
  constructor(options: LaneOptions, isOpen: boolean) {
    this.#options = options
    this.#isOpen = isOpen
    this.#probeKey = renderProbeKey(options.group)
    this.#idleCheck = setInterval(() => this.#checkIdle(), idleCheckMs).unref()
    if (!isOpen) void this.#recover()
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Redis's time, Unix milliseconds, not earlier than it is; null while unknown. */
  readTimeMs(): number | null {
    return this.#clock.readMs(performance.now())
  }

  /** Numbers as the script returned them. Rejects when it failed or took too long: then the lane is closed. */
  async call(call: LaneCall): Promise<readonly number[]> {
    const startedAtMs = performance.now()
    try {
      return await this.#try(call)
    } catch (error) {
      // One answer that was late while others were in time: a busy moment, not a sick Redis.
      const isBusy = error instanceof LateError && this.#lastTimelyAtMs > startedAtMs
      if (!isBusy) this.fail(describeRedisError(error))
      throw error
    }
  }

  fail(reason: string): void {
    if (!this.#isOpen || this.#isStopped) return
    this.#isOpen = false
    const wasCalm = performance.now() - this.#openedAtMs > calmMs
    this.#provingMs = wasCalm ? 0 : Math.min(maxProvingMs, Math.max(100, this.#provingMs * 2))
    this.#options.onChange(reason)
    void this.#recover()
  }

  stop(): void {
    this.#isStopped = true
    this.#isOpen = false
    clearInterval(this.#idleCheck)
  }

  async #try(call: LaneCall): Promise<readonly number[]> {
    const startedAtMs = performance.now()
    const reply = await this.#ask(call, startedAtMs)
    if (reply[0] !== -1) return reply
    // Too late by Redis's clock, and it answers all the same: its clock has been set, or everything stood still for a
    // moment. Nothing was counted, and it is there to be asked again.
    const second = await this.#ask(call, performance.now())
    if (second[0] === -1) throw new LateError('too late')
    return second
  }

  #ask({ script, keys, args, timeoutMs, onLate }: LaneCall, startedAtMs: number): Promise<readonly number[]> {
    const sentAtMs = performance.now()
    const timeMs = this.#clock.readMs(startedAtMs)
    const deadline = timeMs === null ? Number.MAX_SAFE_INTEGER : timeMs + Math.max(timeoutMs, maxWorkMs)
    return new Promise((resolve, reject) => {
      let isOver = false
      const endWaiting = this.#patience.begin(timeoutMs - (performance.now() - startedAtMs), () => {
        isOver = true
        reject(new LateError(`no answer within ${timeoutMs} ms`))
      })
      this.#evaluate(script, [keys.length, ...keys, deadline, ...args]).then(
        (value) => {
          const reply = parseReply(value)
          const [status, redisMs] = reply
          const nowMs = performance.now()
          if (status !== undefined && redisMs !== undefined) {
            if (status === -1) this.#clock.relearn(redisMs, sentAtMs)
            else this.#clock.learn(redisMs, sentAtMs)
          }
          this.#lastAnswerAtMs = nowMs
          if (isOver) {
            onLate?.(reply)
            return
          }
          isOver = true
          endWaiting()
          if (status !== -1 && nowMs - sentAtMs < maxWorkMs) {
            this.#lastTimelyAtMs = nowMs
            this.#patience.noteProgress()
          }
          if (status === undefined || redisMs === undefined) reject(new Error('an answer that is none'))
          else resolve(reply)
        },
        (error: unknown) => {
          isOver = true
          endWaiting()
          reject(error)
        },
      )
    })
  }

  async #evaluate(script: RedisScript, rest: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#options.link.send('evalsha', [script.sha, ...rest])
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return await this.#options.link.send('eval', [script.source, ...rest])
    }
  }

  /** Null: it passed. Else why not. */
  async #probe(): Promise<string | null> {
    try {
      await this.#try({ script: probeScript, keys: [this.#probeKey], args: [], timeoutMs: askTimeoutMs })
      return null
    } catch (error) {
      return describeRedisError(error)
    }
  }

  #checkIdle(): void {
    if (!this.#isOpen || performance.now() - this.#lastAnswerAtMs < idleCheckMs) return
    void this.#probe().then((reason) => {
      if (reason !== null) this.fail(reason)
    })
  }

  async #recover(): Promise<void> {
    let passingSinceMs: number | null = null
    while (!this.#isStopped) {
      if ((await this.#probe()) === null) {
        passingSinceMs ??= performance.now()
        if (performance.now() - passingSinceMs >= this.#provingMs) return this.#open()
        await wait(Math.min(100, this.#provingMs))
        continue
      }
      passingSinceMs = null
      // Whatever it was, a connection made now knows the new master, password and certificate, and queues behind nothing.
      await this.#options.link.renew(this.#options.isAlone)
      if ((await this.#probe()) !== null) await wait(retryDelayMs)
    }
  }

  /** A script that Redis doesn't know costs its first callers a second way. With this deadline it does nothing. */
  async #loadScripts(): Promise<void> {
    const calls = allScripts.map(({ source }) => this.#options.link.send('eval', [source, 1, this.#probeKey, -1]))
    await Promise.race([Promise.allSettled(calls), wait(askTimeoutMs * 5)])
  }

  async #open(): Promise<void> {
    await this.#loadScripts()
    await this.#options.beforeOpen()
    if (this.#isStopped) return
    this.#isOpen = true
    this.#openedAtMs = performance.now()
    this.#options.onChange(null)
  }
}

function parseReply(value: unknown): readonly number[] {
  if (!Array.isArray(value)) return []
  const items: readonly unknown[] = value
  return items.every((item) => typeof item === 'number') ? items : []
}

/** Does not keep the process alive. */
function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
