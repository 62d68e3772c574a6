// One thing a user does with an official client, the same over every backend; and the table of where it can't work.
import type { FamilyName } from './families.ts'

/**
 * `works`: the case's own assertions hold. `not offered`: the backend has no such thing, 400 names the parameter.
 * `refused`: it has it, but Sluice can't carry it there; 400 as well. `left out`: a hint, named in `x-sluice-dropped`.
 * `not said`: the backend's answers don't tell.
 */
export type Verdict = 'works' | 'not offered' | 'refused' | 'left out' | 'not said'

export type ClientCase<Client> = Readonly<{
  /** Row of the matrix. */
  feature: string
  /** What the backend plays; `plain` where the feature is left out. */
  scenario: string
  /** The client API's own name of it, as errors and `x-sluice-dropped` say it. Null: nothing that could be refused. */
  param: string | null
  run(client: Client, model: string, facts: CaseFacts): Promise<void>
  /** Asserts what is there where the backend doesn't say. */
  runUnsaid?(client: Client, model: string): Promise<void>
}>

export type CaseFacts = Readonly<{ family: FamilyName; readHeader(name: string): string | null }>

/** Why a feature does not work with a backend: `[verdict, reason]`; what is not named works. */
export type Exceptions = Readonly<Partial<Record<FamilyName, Readonly<Record<string, readonly [Verdict, string]>>>>>
