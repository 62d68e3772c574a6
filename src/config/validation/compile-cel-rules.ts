// `x-kubernetes-validations` of a schema, parsed once into a tree that follows the schema. Rules that compare with the
// object's former self (oldSelf) are left out: offline there is none.
import { Environment } from '@marcbachmann/cel-js'
import type { StructuralSchema } from './structural-schema.ts'

export type CompiledRule = Readonly<{
  isHeld: (self: unknown) => boolean
  message: string
  /** Relative, `.key`, or empty. */
  fieldPath: string
}>

/** The rules at one place of a schema and at the places below it; places without any are absent. */
export type RuleNode = Readonly<{
  rules: readonly CompiledRule[]
  properties: readonly (readonly [string, RuleNode])[]
  values: RuleNode | null
  items: RuleNode | null
}>

const environment = new Environment({ unlistedVariablesAreDyn: false }).registerVariable('self', 'dyn')

/** Null where neither the schema nor anything below has a rule. Throws on a rule that does not parse. */
export function compileCelRules(schema: StructuralSchema): RuleNode | null {
  const rules = schema.rules.filter(({ rule }) => !/\boldSelf\b/.test(rule)).map(compileRule)
  const properties = Object.entries(schema.properties).flatMap(([name, child]) => {
    const node = compileCelRules(child)
    return node === null ? [] : [[name, node] as const]
  })
  const values = schema.additionalProperties === null ? null : compileCelRules(schema.additionalProperties)
  const items = schema.items === null ? null : compileCelRules(schema.items)
  if (rules.length === 0 && properties.length === 0 && values === null && items === null) return null
  return { rules, properties, values, items }
}

function compileRule({ rule, message, fieldPath }: StructuralSchema['rules'][number]): CompiledRule {
  const evaluate = environment.parse(rule)
  return { isHeld: (self) => evaluate({ self }) === true, message, fieldPath }
}
