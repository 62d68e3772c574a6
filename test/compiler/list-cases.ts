// The golden cases, for tests of what holds for every one of them.
import { readdirSync } from 'node:fs'
import { type GoldenCase, readCase } from './read-case.ts'

const folder = new URL('./cases/', import.meta.url)

export function listCases(): readonly (GoldenCase & Readonly<{ name: string }>)[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.in.yaml'))
    .map((file) => ({ name: file.slice(0, -'.in.yaml'.length), ...readCase(new URL(file, folder)) }))
}
