// What is gathered of one object while the world is compiled, and how it becomes conditions at the end.
// Most objects have nothing to say: their lists stay the shared empty ones.
import type { Condition, ConditionReason, ResourceStatus } from '../api/conditions.ts'
import type { RefProblem } from '../api/findings.ts'

export type StatusDraft = {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly generation: number
  /** Faults of the present spec: Accepted=False, Invalid. */
  invalid: readonly string[]
  /** A claim that another object has: Accepted=False. */
  conflict: RefProblem | null
  notInEffect: readonly string[]
  /** Sentences of Accepted=True. */
  notes: readonly string[]
  references: readonly RefProblem[]
  /** Sentences of ResolvedRefs=True. */
  referenceNotes: readonly string[]
  degraded: readonly RefProblem[]
}

const noLines: readonly string[] = Object.freeze([])
const noProblems: readonly RefProblem[] = Object.freeze([])

export function createStatusDraft(
  kind: string,
  { namespace, name }: Readonly<{ namespace: string; name: string }>,
  generation: number | undefined,
): StatusDraft {
  return {
    kind,
    namespace,
    name,
    generation: generation ?? 0,
    invalid: noLines,
    conflict: null,
    notInEffect: noLines,
    notes: noLines,
    references: noProblems,
    referenceNotes: noLines,
    degraded: noProblems,
  }
}

export function addInvalid(draft: StatusDraft, message: string): void {
  draft.invalid = [...draft.invalid, message]
}

export function addNote(draft: StatusDraft, message: string): void {
  draft.notes = [...draft.notes, message]
}

export function addReference(draft: StatusDraft, reason: ConditionReason, message: string): void {
  draft.references = [...draft.references, { reason, message }]
}

export function addReferenceNote(draft: StatusDraft, message: string): void {
  draft.referenceNotes = [...draft.referenceNotes, message]
}

export function addDegraded(draft: StatusDraft, reason: ConditionReason, message: string): void {
  draft.degraded = [...draft.degraded, { reason, message }]
}

const accepted: Condition = Object.freeze({
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: 'The spec makes sense.',
})
const resolved: Condition = Object.freeze({
  type: 'ResolvedRefs',
  status: 'True',
  reason: 'ResolvedRefs',
  message: 'What it refers to exists and may be used.',
})

/** `isServed`: something of the object may be served, its present spec or its last good one. */
export function renderStatus(draft: StatusDraft, isServed: boolean): ResourceStatus {
  const { kind, namespace, name, generation, degraded } = draft
  const conditions = [renderAccepted(draft), renderResolvedRefs(draft, isServed)]
  const [first] = degraded
  if (first !== undefined) {
    const message = degraded.map((problem) => problem.message).join('; ')
    conditions.push({ type: 'Degraded', status: 'True', reason: first.reason, message })
  }
  return { kind, namespace, name, observedGeneration: generation, conditions }
}

function renderAccepted({ invalid, conflict, notes, notInEffect }: StatusDraft): Condition {
  if (invalid.length > 0) {
    const lines = conflict === null ? invalid : [...invalid, conflict.message]
    return refuse('Accepted', 'Invalid', lines.join('; '))
  }
  if (conflict !== null) return refuse('Accepted', conflict.reason, conflict.message)
  const lines = notInEffect.length === 0 ? notes : [...notes, `not in effect yet: ${notInEffect.join(', ')}`]
  return lines.length === 0 ? accepted : { ...accepted, message: lines.join('; ') }
}

function renderResolvedRefs({ references, referenceNotes, conflict }: StatusDraft, isServed: boolean): Condition {
  const [first] = references
  if (first !== undefined) {
    return refuse('ResolvedRefs', first.reason, references.map((problem) => problem.message).join('; '))
  }
  if (!isServed) {
    const message = 'Not looked at: the spec is not accepted.'
    return { type: 'ResolvedRefs', status: 'Unknown', reason: conflict?.reason ?? 'Invalid', message }
  }
  return referenceNotes.length === 0 ? resolved : { ...resolved, message: referenceNotes.join('; ') }
}

function refuse(type: Condition['type'], reason: ConditionReason, message: string): Condition {
  return { type, status: 'False', reason, message }
}
