// Makes a conversation one that a provider can carry: hints that it has no word for are left out, parameters refused by
// name or dropped, contents refused. Nothing goes in silence: what was left out is named.
import type { ParsedRequest } from '../conversation/conversation.ts'
import { dropFeature } from '../conversation/drop-feature.ts'
import { type Feature, isHint, isParameter, UnsupportedFeature } from '../conversation/feature.ts'
import { listFeatures } from '../conversation/list-features.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { ChatCodec, EncodedCall } from '../providers/codec.ts'
import type { Call } from '../providers/provider.ts'

/** `dropped`: in the client's own names. */
export type FittedCall = Readonly<{ encoded: EncodedCall; dropped: readonly string[] }>

/** `canDrop`: the client or the model's object says to. Throws `unsupported_parameter`. */
export function encodeFitted(request: ParsedRequest, codec: ChatCodec, call: Call, canDrop: boolean): FittedCall {
  const dropped: string[] = []
  let { conversation } = request
  const drop = (feature: Feature, publicText: string | null) => {
    if (!isHint(feature) && !(canDrop && isParameter(feature))) throw refuse(request, feature, publicText)
    if (feature === 'unknown') dropped.push(...conversation.unknown.map(({ name }) => name))
    else dropped.push(request.paramOf(feature))
    conversation = dropFeature(conversation, feature)
  }
  for (const feature of listFeatures(conversation)) if (!codec.features.has(feature)) drop(feature, null)
  // An encoder may refuse one value after another; each round drops a feature, so it ends.
  for (;;) {
    try {
      return { encoded: codec.encode(conversation, call), dropped }
    } catch (error) {
      if (!(error instanceof UnsupportedFeature)) throw error
      const isLeft = listFeatures(conversation).has(error.feature)
      if (!isLeft) throw refuse(request, error.feature, error.publicText)
      drop(error.feature, error.publicText)
    }
  }
}

function refuse(request: ParsedRequest, feature: Feature, publicText: string | null): GatewayError {
  const [unknown] = request.conversation.unknown
  const param = feature === 'unknown' && unknown !== undefined ? unknown.name : request.paramOf(feature)
  return new GatewayError('unsupported_parameter', `no ${feature}`, {
    publicText: publicText ?? `'${param}' is not supported by this model.`,
    param,
  })
}
