// Reads a generateContent request as Google documents it. https://ai.google.dev/api/generate-content,
// https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
import { type Heard, type HeardPart, type HeardTurn, nothingHeard } from './heard.ts'
import {
  anything,
  base64,
  countSet,
  fail,
  filledText,
  flag,
  integer,
  json,
  list,
  map,
  number,
  object,
  oneOf,
  optional,
  type Reader,
  text,
} from './read-strictly.ts'

/** OpenAPI 3.0's, with what Google has of it: JSON Schema's other words are `Unknown name`s. */
const schema: Reader<unknown> = (value, path) => {
  const read = schemaObject(value, path)
  return Object.fromEntries(Object.entries(read).filter(([, one]) => one !== undefined))
}
const types = ['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'] as const
const lowerTypes = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'] as const
const schemaObject = object({
  type: optional(oneOf(...types, ...lowerTypes)),
  format: optional(text),
  title: optional(text),
  description: optional(text),
  nullable: optional(flag),
  enum: optional(list(text)),
  items: optional((value, path) => schema(value, path)),
  properties: optional(map((value, path) => schema(value, path))),
  required: optional(list(text)),
  propertyOrdering: optional(list(text)),
  minItems: optional(anything),
  maxItems: optional(anything),
  minimum: optional(number()),
  maximum: optional(number()),
  minLength: optional(anything),
  maxLength: optional(anything),
  pattern: optional(text),
  anyOf: optional(list((value, path) => schema(value, path))),
  default: optional(anything),
  example: optional(anything),
})

const blob = object({ mimeType: filledText, data: base64, displayName: optional(text) })
const fileData = object({ mimeType: optional(text), fileUri: filledText, displayName: optional(text) })
const part = object({
  text: optional(text),
  inlineData: optional(blob),
  fileData: optional(fileData),
  functionCall: optional(object({ id: optional(text), name: filledText, args: optional(json) })),
  functionResponse: optional(
    object({
      id: optional(text),
      name: filledText,
      response: json,
      parts: optional(list(object({ inlineData: optional(blob), fileData: optional(fileData) }))),
    }),
  ),
  thought: optional(flag),
  thoughtSignature: optional(base64),
})
const body = object({
  contents: list(object({ role: oneOf('user', 'model'), parts: list(part, 1) }), 1),
  systemInstruction: optional(object({ role: optional(text), parts: list(object({ text }), 1) })),
  tools: optional(
    list(
      object({
        functionDeclarations: list(
          object({
            name: filledText,
            description: optional(text),
            parameters: optional(schema),
            parametersJsonSchema: optional(json),
          }),
          1,
        ),
      }),
    ),
  ),
  toolConfig: optional(
    object({
      functionCallingConfig: object({
        mode: oneOf('AUTO', 'ANY', 'NONE', 'VALIDATED'),
        allowedFunctionNames: optional(list(text)),
      }),
    }),
  ),
  generationConfig: optional(
    object({
      stopSequences: optional(list(text, 0, 5)),
      responseMimeType: optional(oneOf('text/plain', 'application/json')),
      responseSchema: optional(schema),
      responseJsonSchema: optional(json),
      candidateCount: optional(integer(1, 8)),
      maxOutputTokens: optional(integer(1)),
      temperature: optional(number(0, 2)),
      topP: optional(number(0, 1)),
      topK: optional(integer(1)),
      seed: optional(integer(Number.NEGATIVE_INFINITY)),
      presencePenalty: optional(number(-2, 2)),
      frequencyPenalty: optional(number(-2, 2)),
      responseLogprobs: optional(flag),
      logprobs: optional(integer(0, 20)),
      thinkingConfig: optional(
        object({
          includeThoughts: optional(flag),
          thinkingBudget: optional(integer(-1)),
          thinkingLevel: optional(oneOf('minimal', 'low', 'medium', 'high', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH')),
        }),
      ),
    }),
  ),
  labels: optional(map(text)),
})

type Body = ReturnType<typeof body>
type Part = ReturnType<typeof part>

/** Vertex AI takes `labels`, and no ids of calls. */
export function readGenerateRequest(value: unknown, isVertex: boolean): Heard {
  const read = body(value, '')
  if (read.labels !== undefined && !isVertex) fail('labels', 'Unknown name "labels": Cannot find field.')
  const parts = read.contents.flatMap((content) => content.parts)
  const hasIds = parts.some((one) => countSet(one.functionCall?.id, one.functionResponse?.id) > 0)
  if (hasIds && isVertex) fail('contents', 'Unknown name "id": Cannot find field.')
  checkContents(read.contents)
  const { generationConfig: config, toolConfig } = read
  const thinking = config?.thinkingConfig
  if (countSet(thinking?.thinkingBudget, thinking?.thinkingLevel) === 2)
    fail('thinkingConfig', 'level or budget, not both')
  const hasSchema = config?.responseSchema !== undefined || config?.responseJsonSchema !== undefined
  const isJson = config?.responseMimeType === 'application/json'
  if (hasSchema && !isJson) fail('generationConfig.responseMimeType', 'must be application/json with a schema')
  if (config?.logprobs !== undefined && config.responseLogprobs !== true) {
    fail('generationConfig.logprobs', 'responseLogprobs must be true')
  }
  const isOff = thinking?.thinkingBudget === 0
  return {
    ...nothingHeard,
    system: (read.systemInstruction?.parts ?? []).map((one) => one.text),
    turns: readTurns(read.contents),
    tools: (read.tools ?? []).flatMap(({ functionDeclarations }) =>
      functionDeclarations.map(({ name, description, parameters, parametersJsonSchema }) => ({
        name,
        description: description ?? null,
        schema: parametersJsonSchema ?? parameters ?? null,
        isStrict: toolConfig?.functionCallingConfig.mode === 'VALIDATED',
      })),
    ),
    toolChoice: readChoice(toolConfig),
    format: hasSchema ? (config?.responseJsonSchema ?? config?.responseSchema) : isJson ? {} : null,
    maxTokens: config?.maxOutputTokens ?? null,
    stop: config?.stopSequences ?? [],
    temperature: config?.temperature ?? null,
    topP: config?.topP ?? null,
    topK: config?.topK ?? null,
    seed: config?.seed ?? null,
    frequencyPenalty: config?.frequencyPenalty ?? null,
    presencePenalty: config?.presencePenalty ?? null,
    topLogprobs: config?.responseLogprobs === true ? (config.logprobs ?? -1) : null,
    choices: config?.candidateCount ?? 1,
    metadata: read.labels ?? null,
    reasoning:
      thinking === undefined || isOff
        ? null
        : { effort: thinking.thinkingLevel ?? null, budget: thinking.thinkingBudget ?? null },
  }
}

const countBody = object({ generateContentRequest: json })

/** Vertex AI counts the question itself, the Gemini API a question with its model. https://ai.google.dev/api/tokens */
export function readCountRequest(value: unknown, isVertex: boolean): Heard {
  if (isVertex) return readGenerateRequest(value, true)
  const { model, ...asked } = countBody(value, '').generateContentRequest
  if (typeof model !== 'string' || !model.startsWith('models/'))
    fail('generateContentRequest.model', 'models/… is required')
  return readGenerateRequest(asked, false)
}

function readChoice(config: Body['toolConfig']): Heard['toolChoice'] {
  if (config === undefined) return null
  const { mode, allowedFunctionNames: names = [] } = config.functionCallingConfig
  if (names.length > 0 && mode !== 'ANY' && mode !== 'VALIDATED') fail('toolConfig', 'allowed names need mode ANY')
  if (mode === 'ANY') return names[0] === undefined ? 'required' : { name: names[0] }
  return mode === 'NONE' ? 'none' : 'auto'
}

/** Roles alternate; a turn of calls is followed by as many responses, of the same names. */
function checkContents(contents: Body['contents']): void {
  if (contents[0]?.role !== 'user') fail('contents[0]', 'ensure that multiturn requests begin with a user turn')
  let calls: readonly string[] = []
  for (const [at, { role, parts }] of contents.entries()) {
    const path = `contents[${at}]`
    if (contents[at - 1]?.role === role) fail(path, 'Please ensure that multiturn requests alternate')
    for (const [index, one] of parts.entries()) {
      const { text: said, inlineData, fileData: file, functionCall, functionResponse } = one
      if (countSet(said, inlineData, file, functionCall, functionResponse) !== 1) {
        fail(`${path}.parts[${index}]`, 'oneof field data must have one initialized field')
      }
      if (said === '' && one.thoughtSignature === undefined) fail(`${path}.parts[${index}]`, 'empty text')
    }
    const responses = parts.flatMap(({ functionResponse }) => functionResponse?.name ?? [])
    if (responses.join() !== calls.join()) {
      fail(path, `function responses (${responses.join()}) must be as many as function calls (${calls.join()})`)
    }
    calls = parts.flatMap(({ functionCall }) => functionCall?.name ?? [])
    if (role === 'user' && calls.length > 0) fail(path, 'function call in a user turn')
  }
  if (calls.length > 0) fail('contents', 'function calls without responses')
}

/** Calls have no ids here: results stand in the order of their calls. */
function readTurns(contents: Body['contents']): readonly HeardTurn[] {
  const count = { call: 0, result: 0 }
  return contents.map(({ role, parts }) => ({
    role: role === 'model' ? 'assistant' : 'user',
    parts: joinThought(parts.flatMap((one) => readPart(one, count))),
  }))
}

/** A thought and its signature, which stands on a later part. */
function joinThought(parts: readonly HeardPart[]): readonly HeardPart[] {
  const signed = parts.find((one) => one.kind === 'reasoning' && one.signature !== null)
  const thoughts = parts.flatMap((one) => (one.kind === 'reasoning' ? [one.text] : []))
  const rest = parts.filter(({ kind }) => kind !== 'reasoning')
  if (thoughts.length === 0) return rest
  const signature = signed?.kind === 'reasoning' ? signed.signature : null
  return [{ kind: 'reasoning', text: thoughts.join(''), signature }, ...rest]
}

function readPart(one: Part, count: { call: number; result: number }): readonly HeardPart[] {
  const { text: said, thought, thoughtSignature: signature = null, inlineData, functionCall, functionResponse } = one
  if (said !== undefined) {
    if (thought === true) return [{ kind: 'reasoning', text: said, signature }]
    const parts: HeardPart[] = said === '' ? [] : [{ kind: 'text', text: said }]
    // Google signs the part after the thought.
    return signature === null ? parts : [{ kind: 'reasoning', text: '', signature }, ...parts]
  }
  if (functionCall !== undefined) {
    const { name, args = {} } = functionCall
    return [{ kind: 'call', id: `call ${count.call++}`, name, input: args, signature }]
  }
  if (functionResponse !== undefined) {
    const { name, response, parts = [] } = functionResponse
    const isError = response.error !== undefined
    const output = response.output ?? response.result ?? response.content ?? response.error ?? response
    const written: HeardPart = { kind: 'text', text: typeof output === 'string' ? output : JSON.stringify(output) }
    const media = parts.flatMap((inner) => (inner.inlineData === undefined ? [] : [readBlob(inner.inlineData)]))
    return [{ kind: 'result', id: `call ${count.result++}`, name, parts: [written, ...media], isError }]
  }
  if (inlineData !== undefined) return [readBlob(inlineData)]
  const { fileUri = '', mimeType = '' } = one.fileData ?? {}
  return [mimeType.startsWith('image/') ? { kind: 'image-url', url: fileUri } : { kind: 'file-url', url: fileUri }]
}

function readBlob({ mimeType, data }: ReturnType<typeof blob>): HeardPart {
  if (mimeType.startsWith('image/')) return { kind: 'image', mediaType: mimeType, data }
  if (mimeType.startsWith('audio/')) return { kind: 'audio', format: mimeType.slice(6), data }
  return { kind: 'file', mediaType: mimeType, data, name: null }
}
