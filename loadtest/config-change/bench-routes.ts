// The routes that the configuration benchmark declares: plain services behind open paths, one of which it keeps editing.

export const benchNamespace = 'bench'
/** The response header that tells which version of the edited route answered. */
export const markerHeader = 'x-bench-marker'

export type RouteManifest = Readonly<{
  apiVersion: string
  kind: string
  metadata: Readonly<{ name: string; namespace: string }>
  spec: Readonly<Record<string, unknown>>
}>

/** `/bench/route-00042` */
export const readRoutePath = (index: number): string => `/bench/${readRouteName(index)}`

const readRouteName = (index: number): string => `route-${String(index).padStart(5, '0')}`

/** Route `index`, to a backend on loopback; its answers carry `marker`. */
export function createRoute(index: number, namespace: string, backendPort: number, marker: string): RouteManifest {
  return {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name: readRouteName(index), namespace },
    spec: {
      path: readRoutePath(index),
      targetService: `http://127.0.0.1:${backendPort}`,
      authentication: false,
      headers: { response: { set: [{ name: markerHeader, value: marker }] } },
    },
  }
}
