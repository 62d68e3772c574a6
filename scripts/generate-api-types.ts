// Makes src/api/generated/*.ts from crds/*.yaml. `--check` writes nothing: one line per drifted file, exit 1.
// Fields with a default are required in the types, because validation sets them before anyone reads.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from 'json-schema-to-typescript'
import { type CustomKind, readCustomKinds } from '../src/config/validation/read-custom-kinds.ts'
import type { StructuralSchema } from '../src/config/validation/structural-schema.ts'
import { markReadonly } from './mark-readonly.ts'

const outputFolder = join(import.meta.dirname, '../src/api/generated')

const fileNames: Readonly<Record<string, string>> = {
  AIModel: 'ai-model.ts',
  AIGatewayRoute: 'ai-gateway-route.ts',
  AIAuthPolicy: 'ai-auth-policy.ts',
  LLMModelConfig: 'llm-model-config.ts',
}

/** A structural schema in the terms json-schema-to-typescript knows: types, fields and descriptions. */
function encodeForTypes(schema: StructuralSchema): Readonly<Record<string, unknown>> {
  const described = schema.description === '' ? {} : { description: schema.description }
  switch (schema.type) {
    case 'int-or-string':
      return { ...described, type: ['integer', 'string'] }
    case 'array':
      return { ...described, type: 'array', items: schema.items === null ? {} : encodeForTypes(schema.items) }
    case 'object':
      return { ...described, ...encodeObject(schema) }
    default:
      return { ...described, type: schema.type, ...(schema.keywords.enum ? { enum: schema.keywords.enum } : {}) }
  }
}

function encodeObject(schema: StructuralSchema): Readonly<Record<string, unknown>> {
  const fields = Object.entries(schema.properties)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, child]) => [name, encodeForTypes(child)])),
    required: fields
      .filter(([name, child]) => schema.required.includes(name) || child.default !== undefined)
      .map(([name]) => name),
    additionalProperties:
      schema.additionalProperties === null
        ? schema.preservesUnknownFields
        : encodeForTypes(schema.additionalProperties),
  }
}

async function renderInterface(name: string, schema: StructuralSchema | undefined): Promise<string> {
  if (schema === undefined) throw new Error(`${name}: not in the CRD`)
  const text = await compile(encodeForTypes(schema), name, {
    bannerComment: '',
    ignoreMinAndMaxItems: true,
    style: { semi: false, singleQuote: true, printWidth: 120, trailingComma: 'all' },
  })
  return markReadonly(text).trim()
}

async function renderFile({ file, kind, schema }: CustomKind): Promise<string> {
  return `// Generated from crds/${file} by scripts/generate-api-types.ts: do not edit.
import type { Resource } from '../resource.ts'

${await renderInterface(`${kind}Spec`, schema.properties.spec)}

${await renderInterface(`${kind}Status`, schema.properties.status)}

/**
 * ${schema.description}
 */
export type ${kind} = Resource<${kind}Spec, ${kind}Status>
`
}

const isCheck = process.argv.includes('--check')
mkdirSync(outputFolder, { recursive: true })
for (const customKind of readCustomKinds()) {
  const name = fileNames[customKind.kind]
  if (name === undefined) throw new Error(`${customKind.file}: no file name for kind ${customKind.kind}`)
  const path = join(outputFolder, name)
  const text = await renderFile(customKind)
  if (!isCheck) writeFileSync(path, text)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    process.stdout.write(
      `src/api/generated/${name}: differs from crds/${customKind.file}: run scripts/generate-api-types.ts\n`,
    )
    process.exitCode = 1
  }
}
