// The models as the caller's API lists them: OpenAI's all at once, Anthropic's by pages.
// https://platform.openai.com/docs/api-reference/models, https://docs.claude.com/en/api/models-list
import type { Dialect } from '../errors/dialect.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { ModelEntry } from '../routing/table.ts'

export type DescribedModel = Pick<ModelEntry, 'modelName' | 'createdSeconds' | 'ownedBy'>

const defaultPageSize = 20
const maxPageSize = 1_000

/** JSON text. `query`: of the request, empty or with its `?`. Throws `invalid_request` for a page that there is not. */
export function renderModelList(dialect: Dialect, models: readonly DescribedModel[], query: string): string {
  if (dialect === 'openai') return JSON.stringify({ object: 'list', data: models.map(describeOpenAi) })
  const { page, hasMore } = cutPage(models, new URLSearchParams(query))
  return JSON.stringify({
    data: page.map(describeAnthropic),
    has_more: hasMore,
    first_id: page[0]?.modelName ?? null,
    last_id: page.at(-1)?.modelName ?? null,
  })
}

/** JSON text. */
export function renderModel(dialect: Dialect, model: DescribedModel): string {
  return JSON.stringify(dialect === 'anthropic' ? describeAnthropic(model) : describeOpenAi(model))
}

function describeOpenAi({ modelName, createdSeconds, ownedBy }: DescribedModel): object {
  return { id: modelName, object: 'model', created: createdSeconds, owned_by: ownedBy }
}

function describeAnthropic({ modelName, createdSeconds }: DescribedModel): object {
  const createdAt = new Date(createdSeconds * 1000).toISOString().replace('.000Z', 'Z')
  return { type: 'model', id: modelName, display_name: modelName, created_at: createdAt }
}

/** Behind `after_id`, or before `before_id`. */
function cutPage(
  models: readonly DescribedModel[],
  query: URLSearchParams,
): Readonly<{ page: readonly DescribedModel[]; hasMore: boolean }> {
  const limit = readLimit(query.get('limit'))
  const before = query.get('before_id')
  if (before !== null) {
    const end = findModel(models, before, 'before_id')
    const start = Math.max(0, end - limit)
    return { page: models.slice(start, end), hasMore: start > 0 }
  }
  const after = query.get('after_id')
  const start = after === null ? 0 : findModel(models, after, 'after_id') + 1
  return { page: models.slice(start, start + limit), hasMore: start + limit < models.length }
}

function readLimit(text: string | null): number {
  if (text === null) return defaultPageSize
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > maxPageSize) throw refuse('limit', `must be a whole number from 1 to ${maxPageSize}`)
  return limit
}

function findModel(models: readonly DescribedModel[], id: string, param: string): number {
  const at = models.findIndex(({ modelName }) => modelName === id)
  if (at < 0) throw refuse(param, 'is no model of this list')
  return at
}

function refuse(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', `${param} ${problem}`, { publicText: `'${param}' ${problem}.`, param })
}
