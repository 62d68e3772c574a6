// What reading a file's text may cost everybody else: little time at once, and never the process.
import { describe, expect, it } from 'vitest'
import { type FileContent, readContent, readObjects } from '../../../src/config/file/read-content.ts'
import type { ResourceValidator } from '../../../src/config/validation/resource-validator.ts'
import { joinDocuments, routeText, validator } from './watched-folder.ts'

const namesOf = (content: FileContent) => [...readObjects(content)].map(({ object }) => object.identity.metadata.name)

describe('reading a large file (H8, for the configuration)', () => {
  it('gives requests their turn all the time', async () => {
    const text = joinDocuments(...Array.from({ length: 2_000 }, (_, at) => routeText(`route-${at}`)))
    let turns = 0
    let isDone = false
    const count = () => {
      turns += 1
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    const content = await readContent(text, null, { validator, environment: {} })
    isDone = true
    expect(content.objectCount).toBe(2_000)
    expect(turns).toBeGreaterThan(10)
  })

  it('parses only what is new', async () => {
    const checked: unknown[] = []
    const counting: ResourceValidator = {
      validate(object) {
        checked.push(object)
        return validator.validate(object)
      },
    }
    const options = { validator: counting, environment: {} }
    const before = await readContent(joinDocuments(routeText('a'), routeText('b'), routeText('c')), null, options)
    const after = await readContent(joinDocuments(routeText('new'), routeText('b'), routeText('c')), before, options)
    expect(checked).toHaveLength(4)
    expect(namesOf(after)).toEqual(['new', 'b', 'c'])
    expect([...readObjects(after)][1]?.object).toBe([...readObjects(before)][1]?.object)
  })
})

it('a bug in checking is a problem of that file, without its text', async () => {
  const buggy: ResourceValidator = {
    validate() {
      throw new TypeError('canary')
    },
  }
  const content = await readContent(`# a\n---\n${routeText('a')}`, null, { validator: buggy, environment: {} })
  expect(content.syntaxProblems).toEqual([{ line: 2, reason: 'internal: could not be checked (TypeError)' }])
  expect(content.objectCount).toBe(0)
})
