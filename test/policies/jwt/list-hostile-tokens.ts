// Tokens that must not be accepted, each with what is wrong with it: made systematically from keys and claims that are
// good, so that nothing else is wrong with them.
import type { Signer } from '../../support/token-issuer.ts'
import { listForgedTokens } from './list-forged-tokens.ts'
import { listMisspeltTokens } from './list-misspelt-tokens.ts'

export type HostileToken = readonly [flaw: string, token: string]

export type HostileWorld = Readonly<{
  claims: Record<string, unknown>
  /** RS256, ES256, Ed25519 … whose keys the issuer publishes. */
  signers: readonly Signer[]
  /** Published too, but breaking the key policy. */
  weak: readonly Signer[]
  /** Of another issuer that is trusted as well, for its own tokens. */
  foreign: Signer
  foreignIssuer: string
  /** A key that nobody publishes. */
  attacker: Signer
  /** Nobody may ever ask for it. */
  attackerUri: string
}>

export function listHostileTokens(world: HostileWorld): readonly HostileToken[] {
  return [...listForgedTokens(world), ...listMisspeltTokens(world)]
}
