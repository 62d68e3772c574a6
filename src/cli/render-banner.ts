// What a person sees when the gateway is up: what is served, and a line to paste.
import type { Route } from '../routing/table.ts'
import type { BoundTable } from '../upstream/bound-route.ts'

export type BannerFacts = Readonly<{
  data: string
  admin: string
  /** A key that its Secret declares public, or null. */
  demoKey: string | null
}>

const maxRows = 12

export function renderBanner(bound: BoundTable, facts: BannerFacts): string {
  const url = `http://${facts.data.replace(/^0\.0\.0\.0:|^\[::\]:/, 'localhost:')}`
  const paths = bound.table.routes.filter(({ match, isImplied }) => !isImplied && match.path !== '')
  const rows = [
    ...paths.map((route) => `  ${url}${route.match.path}  →  ${describeTarget(route)} (${route.id})`),
    ...bound.publicModels.map(({ entry }) => `  ${url}/v1/${entry.modelName}  →  model ${entry.modelName}`),
  ]
  const shown = rows.slice(0, maxRows)
  if (rows.length > maxRows) shown.push(`  … and ${rows.length - maxRows} more`)
  return [
    '',
    `Sluice serves on ${url}  (OpenAI API: ${url}/v1, admin: http://${facts.admin})`,
    ...(shown.length === 0 ? ['  nothing yet: there are no routes and no models'] : shown),
    '',
    ...renderCurls(bound, url, facts.demoKey),
    '',
  ].join('\n')
}

function describeTarget({ kind, modelName, misconfigured }: Route): string {
  if (misconfigured !== null) return 'misconfigured'
  if (kind === 'service') return 'service'
  return modelName === null ? 'models' : `model ${modelName}`
}

function renderCurls(bound: BoundTable, url: string, demoKey: string | null): readonly string[] {
  const key = demoKey ?? '$SLUICE_API_KEY'
  const header = `-H 'authorization: Bearer ${key}' -H 'content-type: application/json'`
  const quoted = demoKey === null ? header.replace(/'authorization[^']*'/, `"authorization: Bearer ${key}"`) : header
  const lines: string[] = []
  const model = bound.publicModels.find(({ entry, route }) => entry.modelType === 'LLM' && route.tiers.length > 0)
  if (model !== undefined) {
    const body = `{"model":"${model.entry.modelName}","stream":true,"messages":[{"role":"user","content":"Why is the sky blue?"}]}`
    lines.push('Try it:', `  curl -N ${url}/v1/chat/completions ${quoted} -d '${body}'`)
  }
  const service = bound.table.routes.find(
    ({ kind, match, isImplied }) => kind === 'service' && !isImplied && match.path !== '',
  )
  if (service !== undefined) {
    if (lines.length === 0) lines.push('Try it:')
    lines.push(`  curl ${url}${service.match.path} ${quoted} -d '{"text":"I love this gateway"}'`)
  }
  return lines
}
