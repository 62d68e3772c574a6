// Owns the list of statuses: one for each object, in the order of the world (kind, then `namespace/name`).
import type { ResourceStatus } from '../api/conditions.ts'
import type { World } from './index-resources.ts'
import { renderStatus, type StatusDraft } from './status-draft.ts'

export function compileStatuses({ drafts, models, deployments, routes, policies }: World): readonly ResourceStatus[] {
  const served = new Set<StatusDraft>()
  for (const subjects of [policies, routes, models, deployments]) {
    for (const { draft } of subjects) if (draft.conflict === null) served.add(draft)
  }
  return Object.freeze(drafts.map((draft) => renderStatus(draft, served.has(draft))))
}
