// Tools and how freely the model may call them. https://ai.google.dev/api/caching#Tool
import type { Conversation, JsonObject } from '../../conversation/conversation.ts'

export type ToolFields = Readonly<{
  tools?: readonly [Readonly<{ functionDeclarations: readonly FunctionDeclaration[] }>]
  toolConfig?: Readonly<{
    functionCallingConfig: Readonly<{
      mode: 'AUTO' | 'NONE' | 'ANY' | 'VALIDATED'
      allowedFunctionNames?: readonly string[]
    }>
  }>
}>

/**
 * The schema goes as the JSON Schema it is: Google's own subset of OpenAPI's has no `$ref`, no `additionalProperties` and
 * no `oneOf`, and a conversion would have to leave them out. https://ai.google.dev/api/caching#FunctionDeclaration
 */
type FunctionDeclaration = Readonly<{ name: string; description?: string; parametersJsonSchema?: JsonObject }>

export function encodeTools({ tools, toolChoice }: Conversation): ToolFields {
  if (tools.length === 0) return {}
  const functionDeclarations = tools.map(({ name, description, parameters }) => ({
    name,
    ...(description === null ? {} : { description }),
    ...(hasParameters(parameters) ? { parametersJsonSchema: parameters } : {}),
  }))
  const functionCallingConfig = encodeToolChoice(
    toolChoice,
    tools.some(({ isStrict }) => isStrict === true),
  )
  return {
    tools: [{ functionDeclarations }],
    ...(functionCallingConfig === null ? {} : { toolConfig: { functionCallingConfig } }),
  }
}

/** In ANY and VALIDATED the arguments obey the schema. */
function encodeToolChoice(toolChoice: Conversation['toolChoice'], isStrict: boolean) {
  switch (toolChoice?.kind) {
    case 'none':
      return { mode: 'NONE' } as const
    case 'required':
      return { mode: 'ANY' } as const
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [toolChoice.name] } as const
    case 'auto':
      return { mode: isStrict ? 'VALIDATED' : 'AUTO' } as const
    case undefined:
      return isStrict ? ({ mode: 'VALIDATED' } as const) : null
  }
}

/** A function without parameters has no schema: an object without properties is refused by some models. */
function hasParameters({ properties, type, ...rest }: JsonObject): boolean {
  const isEmptyObject = typeof properties === 'object' && properties !== null && Object.keys(properties).length === 0
  if (properties !== undefined && !isEmptyObject) return true
  return Object.keys(rest).some((name) => name !== 'required' && name !== 'additionalProperties' && name !== '$schema')
}
