// Decides which of the offered tools a simulated model calls, and with which arguments.
import { isObject, type JsonObject } from './answer.ts'
import { sampleSchema } from './sample-schema.ts'

/** A tool in any dialect's spelling. */
export type OfferedTool = Readonly<{ name: string; schema: unknown }>

/** What the request says about calling tools: `named` must be called, `required` some, `auto` if it fits. */
export type ToolChoice = Readonly<{ kind: 'none' | 'auto' | 'required' } | { kind: 'named'; name: string }>

export type ToolCall = Readonly<{ name: string; argumentsJson: string }>

/** Reads tools as OpenAI chat (`function` inside), OpenAI responses (flat) or Anthropic (`input_schema`) spell them. */
export function readTools(value: unknown): OfferedTool[] {
  if (!Array.isArray(value)) return []
  const tools: OfferedTool[] = []
  for (const entry of value) {
    if (!isObject(entry)) continue
    const described: JsonObject = isObject(entry.function) ? entry.function : entry
    if (typeof described.name !== 'string') continue
    tools.push({ name: described.name, schema: described.parameters ?? described.input_schema ?? { type: 'object' } })
  }
  return tools
}

/** Reads `tool_choice` of every dialect; anything unknown is `auto`. */
export function readToolChoice(value: unknown): ToolChoice {
  if (value === 'none') return { kind: 'none' }
  if (value === 'required' || value === 'any') return { kind: 'required' }
  if (!isObject(value)) return { kind: 'auto' }
  const name = isObject(value.function) ? value.function.name : value.name
  if (typeof name === 'string') return { kind: 'named', name }
  if (value.type === 'any' || value.type === 'required') return { kind: 'required' }
  return value.type === 'none' ? { kind: 'none' } : { kind: 'auto' }
}

/** The calls a model makes for the question; none: it answers in words. */
export function pickToolCalls(tools: readonly OfferedTool[], choice: ToolChoice, question: string): ToolCall[] {
  return pickTools(tools, choice, question).map((tool) => ({
    name: tool.name,
    argumentsJson: JSON.stringify(sampleSchema(tool.schema, { words: pickWords(question) })),
  }))
}

function pickTools(tools: readonly OfferedTool[], choice: ToolChoice, question: string): readonly OfferedTool[] {
  switch (choice.kind) {
    case 'none':
      return []
    case 'named':
      return tools.filter((tool) => tool.name === choice.name)
    case 'required': {
      const fitting = tools.filter((tool) => isAskedFor(tool, question))
      return fitting.length > 0 ? fitting : tools.slice(0, 1)
    }
    case 'auto':
      return tools.filter((tool) => isAskedFor(tool, question))
  }
}

/** A tool is asked for when the question has one of the longer words of its name: get_weather, "the weather in …". */
function isAskedFor(tool: OfferedTool, question: string): boolean {
  const asked = question.toLowerCase()
  const nameWords = tool.name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return nameWords.some((word) => word.length >= 4 && asked.includes(word))
}

/** Words to fill arguments with: names first (capital letters inside the sentence), then the longest. */
export function pickWords(question: string): string[] {
  const words = question.slice(0, 2000).match(/[\p{L}\p{N}][\p{L}\p{N}-]*/gu) ?? []
  const names = words.slice(1).filter((word) => /^\p{Lu}/u.test(word))
  const long = [...words].sort((one, other) => other.length - one.length)
  return [...new Set([...names, ...long])].slice(0, 16)
}
