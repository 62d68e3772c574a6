// Makes src/api/generated/*.ts from crds/*.yaml. `--check` writes nothing: one line per drifted file, exit 1.
// Fields with a default are required in the types, because validation sets them before anyone reads.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compile } from 'json-schema-to-typescript'
import { parse } from 'yaml'
import { markReadonly } from './mark-readonly.ts'

const projectFolder = join(import.meta.dirname, '..')

const sources = [
  { crd: 'ai.example.com_aimodels.yaml', kind: 'AIModel', file: 'ai-model.ts' },
  { crd: 'ai.example.com_aigatewayroutes.yaml', kind: 'AIGatewayRoute', file: 'ai-gateway-route.ts' },
  { crd: 'ai.example.com_aiauthpolicies.yaml', kind: 'AIAuthPolicy', file: 'ai-auth-policy.ts' },
  { crd: 'llm.example.com_llmmodelconfigs.yaml', kind: 'LLMModelConfig', file: 'llm-model-config.ts' },
] as const

type Schema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A structural schema in the terms json-schema-to-typescript knows. */
function encodeForTypes(schema: Schema): Schema {
  if (schema['x-kubernetes-int-or-string'] === true) return { ...describe(schema), type: ['integer', 'string'] }
  const type = schema.type
  if (type === 'array') return { ...describe(schema), type, items: encodeForTypes(readSchema(schema.items)) }
  if (type !== 'object') return { ...describe(schema), type, ...(schema.enum ? { enum: schema.enum } : {}) }

  const properties = Object.entries(isSchema(schema.properties) ? schema.properties : {}).map(
    ([name, child]) => [name, readSchema(child)] as const,
  )
  const required = Array.isArray(schema.required) ? schema.required : []
  return {
    ...describe(schema),
    type,
    properties: Object.fromEntries(properties.map(([name, child]) => [name, encodeForTypes(child)])),
    required: properties
      .filter(([name, child]) => required.includes(name) || child.default !== undefined)
      .map(([name]) => name),
    additionalProperties: isSchema(schema.additionalProperties)
      ? encodeForTypes(schema.additionalProperties)
      : schema['x-kubernetes-preserve-unknown-fields'] === true,
  }
}

function describe(schema: Schema): Schema {
  return typeof schema.description === 'string' ? { description: schema.description } : {}
}

function readSchema(value: unknown): Schema {
  if (!isSchema(value)) throw new Error('a schema is missing')
  return value
}

function readRootSchema(crdPath: string): Schema {
  const crd: unknown = parse(readFileSync(crdPath, 'utf8'))
  const versions = readSchema(readSchema(crd).spec).versions
  const version: unknown = Array.isArray(versions) ? versions[0] : undefined
  return readSchema(readSchema(readSchema(version).schema).openAPIV3Schema)
}

async function renderTypes(crd: string, kind: string): Promise<string> {
  const root = readRootSchema(join(projectFolder, 'crds', crd))
  const properties = readSchema(root.properties)
  const render = async (name: string, schema: unknown): Promise<string> => {
    const text = await compile(encodeForTypes(readSchema(schema)), name, {
      bannerComment: '',
      ignoreMinAndMaxItems: true,
      format: true,
      style: { semi: false, singleQuote: true, printWidth: 120, trailingComma: 'all' },
    })
    return markReadonly(text).trim()
  }
  const spec = await render(`${kind}Spec`, properties.spec)
  const status = await render(`${kind}Status`, properties.status)
  return `// Generated from crds/${crd} by scripts/generate-api-types.ts: do not edit.
import type { Resource } from '../resource.ts'

${spec}

${status}

/**
 * ${String(root.description)}
 */
export type ${kind} = Resource<${kind}Spec, ${kind}Status>
`
}

const isCheck = process.argv.includes('--check')
for (const { crd, kind, file } of sources) {
  const path = join(projectFolder, 'src/api/generated', file)
  const text = await renderTypes(crd, kind)
  if (isCheck) {
    if (readIfThere(path) !== text) {
      process.stdout.write(`src/api/generated/${file}: differs from crds/${crd}; run scripts/generate-api-types.ts\n`)
      process.exitCode = 1
    }
  } else {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
