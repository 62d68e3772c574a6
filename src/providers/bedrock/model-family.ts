// Whose model an id of Bedrock's means: what some of them take beyond Converse's own fields differs.
// https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html

/** `other`: takes Converse's own fields only, or the id doesn't say (an application inference profile). */
export type ModelFamily = 'anthropic' | 'nova' | 'mistral' | 'openai' | 'other'

/**
 * `anthropic.claude-…`, the same with a region in front (`eu.`, `global.`), or an ARN that ends in one of them.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
 */
export function readModelFamily(modelId: string): ModelFamily {
  const [vendor, model] =
    /(?:^|\.)(anthropic|amazon|mistral|openai)\.(.+)$/.exec(readModelName(modelId))?.slice(1) ?? []
  if (vendor === 'amazon') return model?.startsWith('nova') === true ? 'nova' : 'other'
  return vendor === 'anthropic' || vendor === 'mistral' || vendor === 'openai' ? vendor : 'other'
}

/** The model's own name, without what an ARN has in front. */
export function readModelName(modelId: string): string {
  return modelId.slice(modelId.lastIndexOf('/') + 1)
}

/** Nova models that reason: the second generation. */
export function isReasoningNova(modelId: string): boolean {
  return /amazon\.nova-(?:[2-9]|\d\d)/.test(modelId)
}
