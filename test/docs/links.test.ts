// Every relative link of the documentation leads to a file that is there, and to a heading of it.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('{docs,examples}/**/*.md')]

/** As GitHub makes them: https://docs.github.com/en/get-started/writing-on-github (section links). */
function readAnchors(text: string): ReadonlySet<string> {
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set(anchors)
}

function findBrokenLinks(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : join(dirname(page), path)
    if (!existsSync(target)) return true
    return anchor !== undefined && !readAnchors(readFileSync(target, 'utf8')).has(anchor)
  })
}

test.for(pages)('%s', (page) => {
  expect(findBrokenLinks(page)).toEqual([])
})

test('every decision note is in the index', () => {
  const index = readFileSync('docs/decisions/README.md', 'utf8')
  const notes = globSync('docs/decisions/2*.md').map((file) => basename(file))
  expect(notes.filter((name) => !index.includes(`](${name})`))).toEqual([])
})
