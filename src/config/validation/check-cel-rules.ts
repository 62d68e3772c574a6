// Evaluates compiled CEL rules over an object that has its defaults. A place whose value broke the schema is passed
// over, as the API server does: a rule may count on the shape.

import { isRecord } from '../../is-record.ts'
import type { CompiledRule, RuleNode } from './compile-cel-rules.ts'
import { appendField, appendIndex, type ValidationProblem } from './validation-problem.ts'

/**
 * Problems of all rules below `node`. `brokenPaths` are those with schema problems: rules at or above one are skipped.
 */
export function checkCelRules(
  node: RuleNode,
  value: unknown,
  path: string,
  brokenPaths: readonly string[],
): readonly ValidationProblem[] {
  // Nearly all objects are good: they are checked without building a path for every field.
  if (brokenPaths.length === 0 && isAllHeld(node, value)) return []
  const problems: ValidationProblem[] = []
  collect(node, value, path, brokenPaths, problems)
  return problems
}

function collect(
  node: RuleNode,
  value: unknown,
  path: string,
  brokenPaths: readonly string[],
  problems: ValidationProblem[],
): void {
  if (node.rules.length > 0 && !brokenPaths.some((broken) => isWithin(path, broken))) {
    for (const rule of node.rules) {
      if (!isHeld(rule, value)) problems.push({ path: path + rule.fieldPath, reason: rule.message, rule: 'cel' })
    }
  }
  if (Array.isArray(value)) {
    if (node.items === null) return
    for (const [index, item] of value.entries()) {
      collect(node.items, item, appendIndex(path, index), brokenPaths, problems)
    }
    return
  }
  if (!isRecord(value)) return
  for (const [name, child] of node.properties) {
    const field = value[name]
    if (field !== undefined) collect(child, field, appendField(path, name), brokenPaths, problems)
  }
  if (node.values === null) return
  for (const [name, field] of Object.entries(value)) {
    collect(node.values, field, appendField(path, name), brokenPaths, problems)
  }
}

function isAllHeld(node: RuleNode, value: unknown): boolean {
  if (!node.rules.every((rule) => isHeld(rule, value))) return false
  if (Array.isArray(value)) {
    const { items } = node
    return items === null || value.every((item) => isAllHeld(items, item))
  }
  if (!isRecord(value)) return true
  for (const [name, child] of node.properties) {
    const field = value[name]
    if (field !== undefined && !isAllHeld(child, field)) return false
  }
  const { values } = node
  return values === null || Object.values(value).every((field) => isAllHeld(values, field))
}

/** A rule that can't be evaluated does not hold: the API server refuses the object, too. */
function isHeld(rule: CompiledRule, value: unknown): boolean {
  try {
    return rule.isHeld(value)
  } catch {
    return false
  }
}

function isWithin(path: string, inner: string): boolean {
  return inner === path || inner.startsWith(`${path}.`) || inner.startsWith(`${path}[`) || path === ''
}
