// Tools, and how the model is to choose among them. What Converse has no word for goes to Claude in Anthropic's own.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html
import type { Conversation, Tool, ToolChoice } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { encodeCachePoint } from './encode-cache-point.ts'
import type { ModelFamily } from './model-family.ts'

type Fields = Readonly<Record<string, unknown>>

/** `toolConfig`: null for none. `additional`: among `additionalModelRequestFields`. */
export type EncodedTools = Readonly<{ toolConfig: Fields | null; additional: Fields }>

/** Throws UnsupportedFeature. */
export function encodeTools(conversation: Conversation, family: ModelFamily): EncodedTools {
  const { toolChoice, parallelToolCalls } = conversation
  const isForbidden = toolChoice?.kind === 'none'
  const past = listPastTools(conversation)
  // A model without tools calls none; but the calls and results of earlier turns are refused where no tool is declared.
  if (isForbidden && past.length === 0) return { toolConfig: null, additional: {} }
  if (conversation.tools.length === 0) return encodeUndeclared(past, family)
  const tools = conversation.tools.flatMap((tool) => encodeTool(tool, family))
  const isSingle = parallelToolCalls === false
  if (isForbidden || isSingle) {
    if (family !== 'anthropic') throw refuseChoice(isForbidden)
    // Beside a choice in `toolConfig` its type is refused as a conflict, so that here it stands alone.
    const choice = { ...encodeClaudeChoice(toolChoice), ...(isForbidden ? {} : { disable_parallel_tool_use: true }) }
    return { toolConfig: { tools }, additional: { tool_choice: choice } }
  }
  const choice = toolChoice === null ? null : encodeChoice(toolChoice)
  return { toolConfig: { tools, ...(choice === null ? {} : { toolChoice: choice }) }, additional: {} }
}

function encodeTool(tool: Tool, family: ModelFamily): readonly Fields[] {
  const { name, description, parameters, isStrict, cache } = tool
  const json = parameters.type === undefined ? { type: 'object', ...parameters } : parameters
  const toolSpec = {
    name,
    ...(description === null || description === '' ? {} : { description }),
    inputSchema: { json },
    ...(isStrict === true ? { strict: true } : {}),
  }
  if (cache === null) return [{ toolSpec }]
  if (family !== 'anthropic') throw new UnsupportedFeature('cacheMarkers', 'This model caches no tools.')
  return [{ toolSpec }, encodeCachePoint(cache, family)]
}

/** Null: as it likes, which is the default. Mistral's and Nova's models have all three, Llama's only that. */
function encodeChoice(choice: ToolChoice): Fields | null {
  if (choice.kind === 'auto') return null
  return choice.kind === 'tool' ? { tool: { name: choice.name } } : { any: {} }
}

/** https://docs.claude.com/en/api/messages#body-tool-choice */
function encodeClaudeChoice(choice: ToolChoice | null): Fields {
  if (choice === null || choice.kind === 'auto') return { type: 'auto' }
  if (choice.kind === 'tool') return { type: 'tool', name: choice.name }
  return { type: choice.kind === 'none' ? 'none' : 'any' }
}

function refuseChoice(isForbidden: boolean): UnsupportedFeature {
  return isForbidden
    ? new UnsupportedFeature('toolChoice', 'This model can not be kept from its tools once one was called: send none.')
    : new UnsupportedFeature('singleToolCall', 'This model can not be kept to a single tool call.')
}

/** Tools of earlier turns that this request no longer offers: named, so that their calls may stand, and not to be called. */
function encodeUndeclared(past: readonly string[], family: ModelFamily): EncodedTools {
  if (past.length === 0 || family !== 'anthropic') return { toolConfig: null, additional: {} }
  const tools = past.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } }))
  return { toolConfig: { tools }, additional: { tool_choice: { type: 'none' } } }
}

function listPastTools({ turns }: Conversation): readonly string[] {
  const names = new Set<string>()
  for (const { parts } of turns) for (const part of parts) if (part.kind === 'tool-call') names.add(part.name)
  return [...names]
}
