// What a Claude model takes, as far as its name says, whoever serves it: its makers took things away from one version to the next.
// https://docs.claude.com/en/docs/about-claude/models/migration-guide

export type ClaudeRules = Readonly<{
  /** It thinks by a budget of tokens, by an effort that it may spend, or by either. */
  thinking: 'budget' | 'either' | 'effort'
  canTurnThinkingOff: boolean
  /** Temperature, top_p and top_k. */
  takesSampling: boolean
  /** It goes on where a last turn of the assistant's ends. */
  takesPrefill: boolean
}>

/** Of a name without a version the newest rules hold; of other makers, who speak this API too, the oldest. */
export function readClaudeRules(model: string): ClaudeRules {
  const version = model.includes('claude') ? readVersion(model) : 0
  return {
    thinking: version < 4.06 ? 'budget' : version === 4.06 ? 'either' : 'effort',
    canTurnThinkingOff: !/-(fable|mythos)-/.test(model) && (version < 5.05 || model.includes('-haiku-')),
    takesSampling: version < 4.07,
    takesPrefill: version < 4.06,
  }
}

/** `claude-opus-4-6`: 4.06; the eight digits of a date are no version. */
function readVersion(model: string): number {
  const [, major, minor] = /-(\d{1,2})(?:[-.](\d{1,2}))?(?=[-@:.]|$)/.exec(model) ?? []
  return major === undefined ? Number.POSITIVE_INFINITY : Number(major) + Number(minor ?? 0) / 100
}
