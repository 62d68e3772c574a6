// Where a feature does not work with a backend, and why: the one table that the suite asserts and the README shows.
import type { Exceptions } from './client-case.ts'

export const chatExceptions: Exceptions = {}
export const messagesExceptions: Exceptions = {}
export const responsesExceptions: Exceptions = {}
