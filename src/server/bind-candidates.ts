// What a strategy is told of the members of one tier.
import type { TokenPrices } from '../routing/money.ts'
import type { Candidate } from '../routing/strategies/strategy.ts'
import type { BoundMember } from '../upstream/bound-route.ts'

/** Prices are compared for so many tokens in for each token out: about what a conversation has. */
const inputPerOutput = 3

/** Prices in another currency than the first one's can't be compared: they count as none (the route's status says so). */
export function bindCandidates(tier: readonly BoundMember[]): readonly Candidate[] {
  const currency = tier.find(({ prices }) => prices !== null)?.prices?.currency
  return tier.map(({ key, member, prices, state }) => ({
    key,
    weight: member.weight,
    price: prices !== null && prices.currency === currency ? mixPrice(prices) : null,
    load: state,
  }))
}

function mixPrice({ input, output }: TokenPrices): number {
  return Number(input) * inputPerOutput + Number(output)
}
