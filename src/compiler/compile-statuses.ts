// Owns the list of statuses: one for each object, in one order.
import type { ResourceStatus } from '../api/conditions.ts'
import type { World } from './index-resources.ts'
import { compareText } from './order.ts'
import { renderStatus } from './status-draft.ts'

export function compileStatuses({ drafts, models, deployments, routes, policies }: World): readonly ResourceStatus[] {
  const served = new Set(
    [...models, ...deployments, ...routes, ...policies]
      .map(({ draft }) => draft)
      .filter(({ conflict }) => conflict === null),
  )
  return drafts
    .map((draft) => renderStatus(draft, served.has(draft)))
    .sort((a, b) => compareText(a.kind, b.kind) || compareText(a.namespace, b.namespace) || compareText(a.name, b.name))
}
