// Routes in a namespace of a real API server, one of which is edited by PATCH.
import type { Cluster } from '../../test/support/cluster/start-cluster.ts'
import { createRoute, markerHeader } from './bench-routes.ts'

/** Creations under way at once: more only queue at the API server. */
const writers = 16

export type RouteNamespace = Readonly<{
  name: string
  /** Sets the edited route's (number 0) marker; resolves when the API server has acknowledged it. */
  edit(marker: string): Promise<void>
}>

/** Creates a namespace with `count` routes in it. */
export async function createRouteNamespace(
  cluster: Cluster,
  count: number,
  backendPort: number,
): Promise<RouteNamespace> {
  const name = await cluster.createNamespace(`bench-${count}`)
  const collection = `/apis/ai.example.com/v1/namespaces/${name}/aigatewayroutes`
  let next = 0
  const create = async () => {
    while (next < count) {
      const route = createRoute(next, name, backendPort, '0')
      next += 1
      const { status, text } = await cluster.api('POST', collection, { body: route })
      if (status !== 201) throw new Error(`${route.metadata.name} was refused: ${status} ${text}`)
    }
  }
  await Promise.all(Array.from({ length: writers }, create))

  const editedPath = `${collection}/${createRoute(0, name, backendPort, '').metadata.name}`
  return {
    name,
    async edit(marker) {
      const body = { spec: { headers: { response: { set: [{ name: markerHeader, value: marker }] } } } }
      const options = { body, contentType: 'application/merge-patch+json' }
      const { status, text } = await cluster.api('PATCH', editedPath, options)
      if (status !== 200) throw new Error(`the edit was refused: ${status} ${text}`)
    },
  }
}
