// How errors of backends reach a user of the official openai client, in chat and in responses.
import type OpenAI from 'openai'
import { APIError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from 'openai'
import { expect } from 'vitest'
import { errors, script } from './backends/scenarios.ts'
import type { ClientCase } from './client-case.ts'

type Case = ClientCase<OpenAI>
/** One question, unary or streamed to its end. `onText`: every piece of text. */
export type AskForError = (
  client: OpenAI,
  model: string,
  isStream: boolean,
  onText?: (text: string) => void,
) => Promise<unknown>

async function catchError(asked: Promise<unknown>): Promise<APIError> {
  const error = await asked.then(
    (answer) => new Error(`no error, but ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof APIError)) throw error
  return error
}

/** The error's words and status as the backend said them, as the class a program would catch. */
export function createErrorCases(ask: AskForError): readonly Case[] {
  const says = (feature: string, scenario: string, check: (error: APIError) => void): Case => ({
    feature,
    scenario,
    param: null,
    async run(client, model) {
      for (const isStream of [false, true]) {
        const error = await catchError(ask(client, model, isStream))
        check(error)
        expect(error.requestID).toMatch(/./)
      }
    },
  })
  return [
    says('error 400', 'error-bad', (error) => {
      expect(error).toBeInstanceOf(BadRequestError)
      expect(error.message).toContain(errors.bad.message)
    }),
    says('error: context window', 'error-too-long', (error) => {
      expect(error).toBeInstanceOf(BadRequestError)
      expect(error.code).toBe('context_length_exceeded')
    }),
    says('error 404', 'error-not-found', (error) => expect(error).toBeInstanceOf(NotFoundError)),
    says('error 429 with `retry-after`', 'error-rate-limited', (error) => {
      expect(error).toBeInstanceOf(RateLimitError)
      expect(error.message).toContain(errors.rateLimited.message)
      expect(error.headers?.get('retry-after')).toBe('7')
    }),
    says('error 500', 'error-broken', (error) => {
      expect(error).toBeInstanceOf(InternalServerError)
      expect(error.status).toBe(500)
    }),
    says('error: overloaded', 'error-overloaded', (error) => {
      expect(error).toBeInstanceOf(InternalServerError)
      expect([503, 529]).toContain(error.status)
    }),
    // Sluice's own credential was refused: not the caller's fault, and in words of Sluice's.
    says('error: our credential refused', 'error-unauthorized', (error) => {
      expect(error).toMatchObject({ status: 502, code: 'upstream_error' })
      expect(error.message).not.toContain(errors.unauthorized.message)
    }),
    {
      feature: 'stream that begins with an error',
      scenario: 'stream-error',
      param: null,
      async run(client, model) {
        const texts: string[] = []
        const error = await catchError(ask(client, model, true, (text) => texts.push(text)))
        expect([texts, error.message === '']).toEqual([[], false])
      },
    },
    {
      feature: 'stream that is cut: an error, never an end',
      scenario: 'cut',
      param: null,
      async run(client, model) {
        const texts: string[] = []
        const error = await catchError(ask(client, model, true, (text) => texts.push(text)))
        expect(script.chat.join('')).toContain(texts.join(''))
        expect(error.message).not.toBe('')
        await catchError(ask(client, model, false))
      },
    },
    {
      feature: 'stream that fails halfway: an error event',
      scenario: 'late-error',
      param: null,
      async run(client, model) {
        const texts: string[] = []
        const error = await catchError(ask(client, model, true, (text) => texts.push(text)))
        expect(script.chat.join('').startsWith(texts.join(''))).toBe(true)
        expect(error.message).not.toBe('')
      },
    },
  ]
}

export const chatErrorCases = createErrorCases(async (client, model, isStream, onText) => {
  const body = { model, messages: [{ role: 'user' as const, content: 'Hi' }] }
  if (!isStream) return client.chat.completions.create(body)
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
    const said = chunk.choices[0]?.delta.content
    if (said) onText?.(said)
  }
  return 'a clean end'
})
