// The tools of a request and which of them is to be called. Only functions: the rest runs on OpenAI's servers.
// https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools
import type { JsonObject, Tool, ToolChoice } from '../../conversation/conversation.ts'
import { isRecord } from '../../is-record.ts'
import {
  readBoolean,
  readEnum,
  readList,
  readObject,
  readString,
  refuseOthers,
  refuseUnsupported,
  refuseValue,
  requireString,
} from './read-field.ts'

export type ParsedTools = Readonly<{ tools: readonly Tool[]; toolChoice: ToolChoice | null }>

const functionNames = new Set(['type', 'name', 'description', 'parameters', 'strict'])

export function parseTools(body: JsonObject): ParsedTools {
  const tools = readList(body, 'tools').map((tool, at) => {
    if (!isRecord(tool)) throw refuseValue(`tools[${at}]`, 'must be an object')
    return parseTool(tool, `tools[${at}].`)
  })
  return chooseTools(tools, body.tool_choice ?? null)
}

function parseTool(tool: JsonObject, path: string): Tool {
  const type = requireString(tool, 'type', path)
  if (type !== 'function') throw refuseUnsupported(`${path}type`, `'${type}' is not supported by this model`)
  refuseOthers(tool, functionNames, path)
  return {
    name: requireString(tool, 'name', path),
    description: readString(tool, 'description', path),
    parameters: readObject(tool, 'parameters', path) ?? { type: 'object', properties: {} },
    isStrict: readBoolean(tool, 'strict', path),
    cache: null,
  }
}

function chooseTools(tools: readonly Tool[], choice: unknown): ParsedTools {
  if (choice === null) return { tools, toolChoice: null }
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { tools, toolChoice: { kind: choice } }
  if (!isRecord(choice)) throw refuseValue('tool_choice', 'must be auto, none, required or an object')
  const path = 'tool_choice.'
  const type = requireString(choice, 'type', path)
  if (type === 'function') return { tools, toolChoice: { kind: 'tool', name: requireString(choice, 'name', path) } }
  if (type !== 'allowed_tools') throw refuseUnsupported(`${path}type`, `'${type}' is not supported by this model`)
  // The others are on the list only so that the provider's cache of it stays good.
  const allowed = new Set(readList(choice, 'tools').map((tool) => (isRecord(tool) ? tool.name : null)))
  return {
    tools: tools.filter(({ name }) => allowed.has(name)),
    toolChoice: { kind: readEnum(choice, 'mode', ['auto', 'required'], path) ?? 'auto' },
  }
}
