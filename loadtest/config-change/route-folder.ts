// A folder of route manifests for `sluice serve --config`: most in big files, the edited one in a file of its own.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchNamespace, createRoute } from './bench-routes.ts'

const routesPerFile = 250

export type RouteFolder = Readonly<{
  /** For `--config`. */
  path: string
  /** Replaces the edited route (number 0) by one with this marker, by rename as editors do; done when it returns. */
  edit(marker: string): void
}>

/** Writes `count` routes below `parent`. JSON is YAML. */
export function writeRouteFolder(parent: string, count: number, backendPort: number): RouteFolder {
  const path = join(parent, `routes-${count}`)
  // The next version is written beside the folder, where no watcher looks.
  const draftPath = join(parent, `draft-${count}.yaml`)
  mkdirSync(path)
  const edit = (marker: string) => {
    writeFileSync(draftPath, JSON.stringify(createRoute(0, benchNamespace, backendPort, marker)))
    renameSync(draftPath, join(path, 'edited.yaml'))
  }
  edit('0')
  for (let first = 1; first < count; first += routesPerFile) {
    const last = Math.min(first + routesPerFile, count)
    const documents = []
    for (let index = first; index < last; index += 1) {
      documents.push(JSON.stringify(createRoute(index, benchNamespace, backendPort, '0')))
    }
    writeFileSync(join(path, `routes-${first}.yaml`), documents.join('\n---\n'))
  }
  return { path, edit }
}
