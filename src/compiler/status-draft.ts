// What is gathered of one object while the world is compiled, and how it becomes conditions at the end.
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
  notes: string[]
  references: RefProblem[]
  /** Sentences of ResolvedRefs=True. */
  referenceNotes: string[]
  degraded: RefProblem[]
}

export function createStatusDraft(
  kind: string,
  namespace: string,
  name: string,
  generation: number | undefined,
): StatusDraft {
  return {
    kind,
    namespace,
    name,
    generation: generation ?? 0,
    invalid: [],
    conflict: null,
    notInEffect: [],
    notes: [],
    references: [],
    referenceNotes: [],
    degraded: [],
  }
}

/** Whether anything of the object may be served: its present spec or a last good one, and no lost claim. */
export function renderStatus(draft: StatusDraft, isServed: boolean): ResourceStatus {
  const conditions = [renderAccepted(draft), renderResolvedRefs(draft, isServed)]
  const [first] = draft.degraded
  if (first !== undefined) {
    const message = draft.degraded.map((problem) => problem.message).join('; ')
    conditions.push({ type: 'Degraded', status: 'True', reason: first.reason, message })
  }
  const { kind, namespace, name, generation } = draft
  return { kind, namespace, name, observedGeneration: generation, conditions }
}

function renderAccepted({ invalid, conflict, notes, notInEffect }: StatusDraft): Condition {
  if (invalid.length > 0) {
    const lines = conflict === null ? invalid : [...invalid, conflict.message]
    return refuse('Accepted', 'Invalid', lines.join('; '))
  }
  if (conflict !== null) return refuse('Accepted', conflict.reason, conflict.message)
  const lines = notInEffect.length === 0 ? notes : [...notes, `not in effect yet: ${notInEffect.join(', ')}`]
  const message = lines.length === 0 ? 'The spec makes sense.' : lines.join('; ')
  return { type: 'Accepted', status: 'True', reason: 'Accepted', message }
}

function renderResolvedRefs(draft: StatusDraft, isServed: boolean): Condition {
  const { references, referenceNotes } = draft
  const [first] = references
  if (first !== undefined) {
    return refuse('ResolvedRefs', first.reason, references.map((problem) => problem.message).join('; '))
  }
  if (!isServed) {
    const message = 'Not looked at: the spec is not accepted.'
    return { type: 'ResolvedRefs', status: 'Unknown', reason: draft.conflict?.reason ?? 'Invalid', message }
  }
  const message = referenceNotes.length === 0 ? 'What it refers to exists and may be used.' : referenceNotes.join('; ')
  return { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message }
}

function refuse(type: Condition['type'], reason: ConditionReason, message: string): Condition {
  return { type, status: 'False', reason, message }
}
