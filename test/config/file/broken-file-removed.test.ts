// F16: a file that never was any good and is deleted again is no problem any more.
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eventually, openFolder, routeText } from './watched-folder.ts'

it('a broken file that came later stops being a problem when it is deleted', async () => {
  const folder = await openFolder({ 'a.yaml': routeText('a') })
  try {
    await folder.write('broken.yaml', 'a: [\n')
    await eventually(() => expect(folder.source.readProblems()).toHaveLength(1))
    await unlink(join(folder.path, 'broken.yaml'))
    await eventually(() => expect(folder.source.readProblems()).toEqual([]))
    expect(folder.names()).toEqual(['a'])
  } finally {
    await folder.remove()
  }
})
