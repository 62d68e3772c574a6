// What each scripted backend is: how it reads a request strictly, and how it writes answers, streams and errors to the byte.
import type { Heard } from './heard.ts'
import type { Said, SaidError } from './said.ts'

export type BackendRequest = Readonly<{
  /** With its query. */
  url: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
  /** The body, parsed. */
  json: unknown
}>

/** `scenarioModel`: the model's name in the request, wherever this vendor has it. */
export type Understood = Readonly<{ model: string; heard: Heard; wire: Wire }>

/** How one API of a vendor answers. */
export type Wire = Readonly<{
  streamMediaType: string
  renderAnswer(said: Said, model: string, heard: Heard): unknown
  /** Whole frames, in order; the last is the protocol's own end. */
  renderStream(said: Said, model: string, heard: Heard): readonly (string | Buffer)[]
  /** A frame that says an error inside a stream. */
  renderStreamError(error: SaidError): string | Buffer
}>

export type ScriptedFamily = Readonly<{
  /** Throws Unacceptable. Only called with the right credential. */
  read(request: BackendRequest): Understood
  /** Null: it is the right one. */
  checkCredential(request: BackendRequest): string | null | Promise<string | null>
  /** Body and status of an error. `param`: the field at fault. */
  renderError(error: SaidError, param: string | null): ErrorAnswer
}>

export type ErrorAnswer = Readonly<{ status: number; body: unknown; headers?: Readonly<Record<string, string>> }>

/** Ids are counted, so that answers are the same in every run. */
export function renderData(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

export function renderNamed(event: string, value: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`
}
