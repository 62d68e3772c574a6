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
  const ownPaths = new Map(
    bound.table.routes.map(({ isImplied, modelName, match }) => [isImplied ? modelName : '', match]),
  )
  const rows = [
    ...paths.map((route) => `  ${describePlace(url, route)}  →  ${describeTarget(route)} (${route.id})`),
    ...bound.publicModels.map(({ entry: { modelName } }) => {
      const path = ownPaths.get(modelName)?.path ?? ''
      return path === ''
        ? `  ${url}/v1  →  model ${modelName}, by its name in the body`
        : `  ${url}${path}  →  model ${modelName}`
    }),
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

function describePlace(url: string, { match: { path, hostnames } }: Route): string {
  return hostnames.length === 0 ? `${url}${path}` : `${url}${path}, host ${hostnames.join(' or ')}`
}

function describeTarget({ kind, modelName, misconfigured }: Route): string {
  if (misconfigured !== null) return 'misconfigured'
  if (kind === 'service') return 'service'
  return modelName === null ? 'models' : `model ${modelName}`
}

function renderCurls(bound: BoundTable, url: string, demoKey: string | null): readonly string[] {
  const lines: string[] = []
  const model = bound.publicModels.find(({ entry, route }) => entry.modelType === 'LLM' && route.tiers.length > 0)
  if (model !== undefined) {
    const body = `{"model":"${model.entry.modelName}","stream":true,"messages":[{"role":"user","content":"Why is the sky blue?"}]}`
    lines.push(`  curl -N ${url}/v1/chat/completions ${renderHeaders(model.route.route, demoKey)} -d '${body}'`)
  }
  const service = bound.table.routes.find(
    ({ kind, match, isImplied }) =>
      kind === 'service' && !isImplied && match.path !== '' && match.hostnames.length === 0,
  )
  if (service !== undefined) {
    const body = `{"text":"I love this gateway"}`
    lines.push(`  curl ${url}${service.match.path} ${renderHeaders(service, demoKey)} -d '${body}'`)
  }
  return lines.length === 0 ? [] : ['Try it:', ...lines]
}

/** In double quotes where the shell is to fill in the key. */
function renderHeaders({ authentication }: Route, demoKey: string | null): string {
  const type = "-H 'content-type: application/json'"
  if (!authentication.required) return type
  return demoKey === null
    ? `-H "authorization: Bearer $SLUICE_API_KEY" ${type}`
    : `-H 'authorization: Bearer ${demoKey}' ${type}`
}
