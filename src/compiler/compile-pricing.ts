// Owns what `pricing` becomes: every price said, so that nobody has to know what an absent one means.
import type { AIModelSpec } from '../api/generated/ai-model.ts'
import type { Pricing } from '../routing/limit.ts'

export function compilePricing(spec: AIModelSpec['pricing']): Pricing | null {
  if (spec === undefined) return null
  const { currency, input = '0', output = '0' } = spec
  return { currency, input, cachedInput: spec.cachedInput ?? input, output }
}
