// Reads GenerateContentResponse objects into events: the one of a unary answer, or the many of a stream.
// https://ai.google.dev/api/generate-content#generatecontentresponse
import { hash } from 'node:crypto'
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { markGeminiSignature } from '../../conversation/gemini-text-signature.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { readChoiceIndex } from '../openai-format/decode-start.ts'
import { decodeStreamError } from './decode-error.ts'
import { mapFinishReason } from './map-finish-reason.ts'
import { parseLogprobs } from './parse-logprobs.ts'
import { parseUsage } from './parse-usage.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** Of one candidate. */
type CandidateState = { calls: number; isStopped: boolean }

export class AnswerReader {
  readonly #candidates = new Map<number, CandidateState>()
  /** Those that have not stopped. */
  #open = 0
  #responseId: string | null = null
  #isStarted = false
  /** The prompt was blocked: no candidate will come. */
  #isBlocked = false

  /** Every candidate that began has said why it stopped. */
  get isStopped(): boolean {
    return this.#isBlocked || (this.#candidates.size > 0 && this.#open === 0)
  }

  /** The events of one object, without `end`. Throws GatewayError `upstream_invalid_response`. */
  read(answer: unknown): readonly AnswerEvent[] {
    if (!isRecord(answer)) throw new GatewayError('upstream_invalid_response', 'no object in the answer')
    const events: AnswerEvent[] = []
    if (isRecord(answer.error)) return [{ type: 'error', error: decodeStreamError(answer.error) }]
    this.#start(answer, events)
    if (Array.isArray(answer.candidates)) {
      for (const candidate of answer.candidates) this.#readCandidate(candidate, events)
    }
    this.#readFeedback(answer.promptFeedback, events)
    const usage = parseUsage(answer.usageMetadata)
    if (usage !== null) events.push({ type: 'usage', usage })
    return events
  }

  #start({ responseId, modelVersion }: JsonObject, events: AnswerEvent[]): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#responseId = readText(responseId)
    events.push({ type: 'start', id: this.#responseId, model: readText(modelVersion), createdSeconds: null })
  }

  /** https://ai.google.dev/api/generate-content#BlockReason */
  #readFeedback(feedback: unknown, events: AnswerEvent[]): void {
    const isBlocked = isRecord(feedback) && typeof feedback.blockReason === 'string'
    if (!isBlocked || this.#candidates.size > 0) return
    this.#isBlocked = true
    events.push({ type: 'stop', choice: 0, reason: 'content-filter', stopSequence: null })
  }

  #readCandidate(candidate: unknown, events: AnswerEvent[]): void {
    if (!isRecord(candidate)) throw new GatewayError('upstream_invalid_response', 'a candidate is no object')
    // An index of 0 is not written; one of billions would make lists as long.
    const choice = readChoiceIndex(candidate.index, 0)
    const state = this.#candidates.get(choice) ?? this.#begin(choice)
    const parts: unknown = isRecord(candidate.content) ? candidate.content.parts : undefined
    if (Array.isArray(parts)) for (const part of parts) this.#readPart(part, choice, state, events)
    const logprobs = parseLogprobs(candidate.logprobsResult)
    if (logprobs.length > 0) events.push({ type: 'logprobs', choice, content: logprobs })
    const { finishReason } = candidate
    // Some models say it again in a last, empty piece.
    if (typeof finishReason !== 'string' || state.isStopped) return
    const reason = mapFinishReason(finishReason, state.calls > 0)
    if (reason === null) throw createFailure(finishReason)
    state.isStopped = true
    this.#open--
    events.push({ type: 'stop', choice, reason, stopSequence: null })
  }

  #begin(choice: number): CandidateState {
    const state: CandidateState = { calls: 0, isStopped: false }
    this.#candidates.set(choice, state)
    this.#open++
    return state
  }

  /** https://ai.google.dev/api/caching#Part */
  #readPart(part: unknown, choice: number, state: CandidateState, events: AnswerEvent[]): void {
    if (!isRecord(part)) throw new GatewayError('upstream_invalid_response', 'a part is no object')
    const signature = readText(part.thoughtSignature)
    if (isRecord(part.functionCall)) {
      this.#readCall(part.functionCall, signature, choice, state, events)
      return
    }
    if (typeof part.text === 'string') {
      const type = part.thought === true ? 'reasoning' : 'text'
      if (part.text !== '') events.push({ type, choice, text: part.text })
    } else {
      const kind = Object.keys(part).find((name) => name !== 'thoughtSignature' && name !== 'thought')
      // Pictures, results of code that Google ran: nothing that was asked for, and nothing that could be told.
      if (kind !== undefined) throw new GatewayError('upstream_invalid_response', `an answer of ${kind}`)
    }
    if (signature !== null) {
      events.push({ type: 'reasoning-signature', choice, signature: markGeminiSignature(signature) })
    }
  }

  #readCall(
    { id, name, args }: JsonObject,
    signature: string | null,
    choice: number,
    state: CandidateState,
    events: AnswerEvent[],
  ): void {
    if (typeof name !== 'string' || name === '') {
      throw new GatewayError('upstream_invalid_response', 'a function call without a name')
    }
    const json = args === undefined || args === null ? '{}' : JSON.stringify(args)
    const call = state.calls++
    const ownId = readText(id)
    events.push(
      { type: 'tool-call', choice, call, id: ownId ?? this.#createId(choice, call, name, json), name, signature },
      { type: 'tool-arguments', choice, call, json },
      { type: 'part-end', choice },
    )
  }

  /** The same for the same answer, another one in every answer: clients tell the calls of a whole conversation apart by it. */
  #createId(choice: number, call: number, name: string, json: string): string {
    const seed = `${this.#responseId ?? ''}\n${choice}\n${call}\n${name}\n${json}`
    return `call_${hash('sha256', seed).slice(0, 24)}`
  }
}

function createFailure(finishReason: string): GatewayError {
  return new GatewayError('upstream_error', `finish reason ${finishReason}`, {
    publicText: `The model failed to answer (${finishReason}). Another try may go well.`,
  })
}

function readText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
