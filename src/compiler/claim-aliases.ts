// Owns which model name has which alias. A model's own name always comes before another's alias.
import { isModel, isPublic, type NameClaim, type NameClaims } from './claim-model-names.ts'
import type { Joins } from './join-routes.ts'
import { compareAge } from './order.ts'
import { addNote } from './status-draft.ts'

/** By model name; names without aliases are absent. */
export type ClaimedAliases = ReadonlyMap<string, readonly string[]>

/** The name with the oldest object wins an alias; the losing object's Accepted condition says so. */
export function claimAliases(claims: NameClaims, joins: Joins): ClaimedAliases {
  const owners = new Map<string, string>()
  const aliases = new Map<string, string[]>()
  for (const claim of [...claims.values()].sort((a, b) => compareAge(a.oldest, b.oldest))) {
    for (const { alias, member } of listAliases(claim)) {
      const isName = alias !== claim.modelName && (claims.has(alias) || joins.has(alias))
      const owner = isName ? alias : owners.get(alias)
      if (owner === claim.modelName) continue
      if (owner !== undefined) {
        addNote(member.draft, `spec.aliases[${alias}]: not in effect, it means ${owner} already`)
        continue
      }
      owners.set(alias, claim.modelName)
      const list = aliases.get(claim.modelName)
      if (list === undefined) aliases.set(claim.modelName, [alias])
      else list.push(alias)
    }
  }
  return aliases
}

function listAliases(claim: NameClaim) {
  return claim.members
    .filter(isModel)
    .filter(isPublic)
    .flatMap((member) => (member.resource.spec.aliases ?? []).map((alias) => ({ alias, member })))
}
