// Owns what is said of budgets that nothing can count against. They are in effect all the same: prices may come.
import type { AIAuthPolicySpec } from '../api/generated/ai-auth-policy.ts'
import type { Route, Target } from '../routing/table.ts'
import type { PolicySubject } from './index-resources.ts'
import { addNote } from './status-draft.ts'

/** `routes`: implied ones too. */
export function checkBudgets(
  policies: readonly PolicySubject[],
  routes: readonly Route[],
  targets: readonly Target[],
): void {
  const budgeted = policies.filter(({ resource }) => listCurrencies(resource.spec).size > 0)
  if (budgeted.length === 0) return
  const currencies = new Map(targets.flatMap(({ id, pricing }) => (pricing === null ? [] : [[id, pricing.currency]])))
  const priced = new Map(budgeted.map(({ id }) => [id, new Set<string>()]))
  for (const { authentication, pool } of routes) {
    if (!authentication.required) continue
    for (const keySetId of authentication.keySetIds) {
      const known = priced.get(keySetId)
      if (known === undefined) continue
      for (const { targetId } of pool) known.add(currencies.get(targetId) ?? '')
    }
  }
  for (const { id, draft, resource } of budgeted) {
    for (const currency of listCurrencies(resource.spec)) {
      if (priced.get(id)?.has(currency)) continue
      addNote(draft, `no model behind what it guards has prices in ${currency}: nothing counts against such a budget`)
    }
  }
}

function listCurrencies({ consumers = [], defaults }: AIAuthPolicySpec): ReadonlySet<string> {
  const owners = defaults === undefined ? consumers : [...consumers, defaults]
  return new Set(owners.flatMap(({ budgets = [] }) => budgets.map(({ currency }) => currency)))
}
