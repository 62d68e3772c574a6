// F16 and F1 while serving: what changes is seen at once, what is broken or half done never takes anything away.
import { appendFile, mkdir, open as openFile, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually, joinDocuments, listNames, openFolder, routeText, type WatchedFolder } from './watched-folder.ts'

const opened: WatchedFolder[] = []
const open = async (...args: Parameters<typeof openFolder>) => {
  const folder = await openFolder(...args)
  opened.push(folder)
  return folder
}
afterEach(async () => {
  for (const folder of opened.splice(0)) await folder.remove()
})

const routeOf = (folder: WatchedFolder, name: string) =>
  folder.source.read().aiGatewayRoutes.find(({ metadata }) => metadata.name === name)

describe('an edit', () => {
  it('is seen within moments, and leaves every other object the same', async () => {
    const folder = await open({
      'a.yaml': joinDocuments(routeText('one'), routeText('two')),
      'b.yaml': routeText('three'),
    })
    const before = folder.source.read()
    const startedMs = performance.now()
    await folder.write('a.yaml', joinDocuments('# moved down\n', routeText('one', '/new'), routeText('two')))
    await eventually(() => expect(routeOf(folder, 'one')?.spec.path).toBe('/new'))
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(routeOf(folder, 'two')).toBe(before.aiGatewayRoutes[1])
    expect(routeOf(folder, 'three')).toBe(before.aiGatewayRoutes[2])
    expect(folder.source.locate('AIGatewayRoute/default/two')).toBe(`${folder.path}/a.yaml:11`)
  })

  it('that is whole waits for no quiet period', async () => {
    const folder = await open({ 'a.yaml': routeText('a') }, { quietMs: 600_000 })
    await folder.write('a.yaml', routeText('a', '/new'))
    await eventually(() => expect(routeOf(folder, 'a')?.spec.path).toBe('/new'))
    await folder.write('b.yaml', routeText('b'))
    await eventually(() => expect(folder.names()).toEqual(['a', 'b']))
  })

  it('counts a generation for each change of the spec, none for comments or labels', async () => {
    const folder = await open({ 'a.yaml': routeText('a') })
    const first = routeOf(folder, 'a')
    await folder.write('a.yaml', `# a comment\n${routeText('a')}`)
    await eventually(() => expect(folder.source.locate('AIGatewayRoute/default/a')).toMatch(/:2$/))
    expect(routeOf(folder, 'a')).toBe(first)
    await folder.write('a.yaml', routeText('a').replace('name: a', 'name: a\n  labels: {team: x}'))
    await eventually(() =>
      expect(routeOf(folder, 'a')?.metadata).toMatchObject({ generation: 1, labels: { team: 'x' } }),
    )
    await folder.write('a.yaml', routeText('a', '/other'))
    await eventually(() => expect(routeOf(folder, 'a')?.metadata.generation).toBe(2))
    await folder.write('a.yaml', routeText('a', 'not a path'))
    await eventually(() => expect(folder.source.read().rejected[0]?.metadata.generation).toBe(3))
    await folder.write('a.yaml', routeText('a', '/other'))
    await eventually(() => expect(routeOf(folder, 'a')?.metadata.generation).toBe(4))
  })

  it('that breaks one object rejects that object alone, with its line (F1)', async () => {
    const folder = await open({ 'a.yaml': joinDocuments(routeText('one'), routeText('two')) })
    await folder.write('a.yaml', joinDocuments(routeText('one'), routeText('two', '/two', '  hostnames: 7\n')))
    await eventually(() => expect(folder.source.read().rejected).toHaveLength(1))
    expect(folder.names()).toEqual(['one'])
    expect(folder.source.read().rejected[0]).toMatchObject({ location: `${folder.path}/a.yaml:16` })
  })

  it('finds new files, new folders and files in them', async () => {
    const folder = await open({ 'a.yaml': routeText('a') })
    await folder.write('b.yaml', routeText('b'))
    await eventually(() => expect(folder.names()).toEqual(['a', 'b']))
    await folder.write('sub/deep/c.yaml', routeText('c'))
    await eventually(() => expect(folder.names()).toEqual(['a', 'b', 'c']))
    await folder.write('sub/deep/c.yaml', routeText('d'))
    await eventually(() => expect(folder.names()).toEqual(['a', 'b', 'd']))
    await rename(join(folder.path, 'sub'), join(folder.path, 'other'))
    await eventually(() => expect(folder.source.locate('AIGatewayRoute/default/d')).toContain('other/deep/c.yaml'))
    expect(folder.names()).toEqual(['a', 'b', 'd'])
  })

  it('is seen without the kernel’s hints too, a little later', async () => {
    const folder = await open(
      { 'v1/a.yaml': routeText('old'), 'v2/a.yaml': routeText('new') },
      { paths: ['v1'], pollMs: 20 },
    )
    const link = await open({}, { paths: [], pollMs: 20 })
    await symlink(join(folder.path, 'v1'), join(link.path, 'current'))
    await symlink(join(link.path, 'current/a.yaml'), join(folder.path, 'v1/linked.yaml'))
    await eventually(() => expect(folder.source.readProblems()).toHaveLength(1))
    await symlink(join(folder.path, 'v2'), join(link.path, 'next'))
    await rename(join(link.path, 'next'), join(link.path, 'current'))
    await eventually(() => expect(folder.names()).toEqual(['old', 'new']))
  })
})

describe('a file that can not be used keeps its last good objects (F16)', () => {
  it.each([
    ['bad YAML', 'kind: [\n', /a\.yaml:\d+: not valid YAML/],
    ['an anchors bomb', `a: &a [x, x]\nb: [${'*a, '.repeat(200)}]\n`, /a\.yaml:1: too many aliases/],
    ['no UTF-8', Buffer.from([0x61, 0xff, 0x0a]).toString('latin1'), null],
  ])('%s', async (_name, text, expected) => {
    const folder = await open({ 'a.yaml': joinDocuments(routeText('one'), routeText('two')), 'b.yaml': routeText('b') })
    const before = folder.source.read()
    if (expected === null) await writeFile(join(folder.path, 'a.yaml'), Buffer.from(text, 'latin1'))
    else await folder.write('a.yaml', text)
    await eventually(() => expect(folder.source.readProblems()).toHaveLength(1))
    const [problem] = folder.source.readProblems()
    expect(`${problem?.location}: ${problem?.reason}`).toMatch(expected ?? /a\.yaml:1: is not UTF-8/)
    expect(folder.source.read().aiGatewayRoutes).toEqual(before.aiGatewayRoutes)
    expect(routeOf(folder, 'one')).toBe(before.aiGatewayRoutes[0])
    expect(folder.loadErrors).toEqual(folder.source.readProblems())

    await folder.write('a.yaml', routeText('mended'))
    await eventually(() => expect(folder.source.readProblems()).toEqual([]))
    expect(folder.names()).toEqual(['mended', 'b'])
    expect(folder.loadErrors).toHaveLength(1)
  })

  it('a configured file that was deleted, a configured folder that was deleted', async () => {
    const folder = await open(
      { 'dir/a.yaml': routeText('a'), 'b.yaml': routeText('b') },
      { paths: ['dir', 'b.yaml'], pollMs: 20 },
    )
    await unlink(join(folder.path, 'b.yaml'))
    await eventually(() => expect(folder.source.readProblems()).toHaveLength(1))
    await rename(join(folder.path, 'dir'), join(folder.path, 'elsewhere'))
    await eventually(() => expect(folder.source.readProblems()).toHaveLength(2))
    expect(folder.names()).toEqual(['a', 'b'])
    await rename(join(folder.path, 'elsewhere'), join(folder.path, 'dir'))
    await folder.write('b.yaml', routeText('b2'))
    await eventually(() => expect(folder.names()).toEqual(['a', 'b2']))
    await eventually(() => expect(folder.source.readProblems()).toEqual([]))
  })
})

describe('what is half done is not believed (F16)', () => {
  const everything = joinDocuments(routeText('one'), routeText('two'), routeText('three'))
  const names = ['one', 'two', 'three', 'other']
  const openThree = () => open({ 'a.yaml': everything, 'other.yaml': routeText('other') })
  const expectNoneMissed = (folder: WatchedFolder) => {
    for (const world of folder.worlds) expect(listNames(world)).toEqual(names)
  }

  it('a file written bit by bit', async () => {
    const folder = await openThree()
    const edited = everything.replace('/v1/three', '/v1/edited')
    const file = await openFile(join(folder.path, 'a.yaml'), 'w')
    for (let at = 0; at < edited.length; at += 20) await file.write(edited.slice(at, at + 20))
    await file.close()
    await eventually(() => expect(routeOf(folder, 'three')?.spec.path).toBe('/v1/edited'))
    expectNoneMissed(folder)
    expect(folder.loadErrors).toEqual([])
  })

  it('a file emptied and filled again', async () => {
    const folder = await openThree()
    const path = join(folder.path, 'a.yaml')
    for (let times = 1; times <= 5; times += 1) {
      await truncate(path, 0)
      await writeFile(path, everything.replace('/v1/one', `/v1/one-${times}`))
      await eventually(() => expect(routeOf(folder, 'one')?.spec.path).toBe(`/v1/one-${times}`))
    }
    expectNoneMissed(folder)
  })

  it('an editor that moves the old file away and writes a new one', async () => {
    const folder = await openThree()
    const path = join(folder.path, 'a.yaml')
    for (let times = 1; times <= 5; times += 1) {
      await writeFile(join(folder.path, '4913'), '')
      await unlink(join(folder.path, '4913'))
      await rename(path, `${path}~`)
      await writeFile(path, everything.replace('/v1/one', `/v1/one-${times}`))
      await unlink(`${path}~`)
      await eventually(() => expect(routeOf(folder, 'one')?.spec.path).toBe(`/v1/one-${times}`))
    }
    expectNoneMissed(folder)
  })

  it('a temporary file renamed over the old one', async () => {
    const folder = await openThree()
    await folder.write('.a.yaml.tmp', everything.replace('/v1/one', '/v1/renamed'))
    await rename(join(folder.path, '.a.yaml.tmp'), join(folder.path, 'a.yaml'))
    await eventually(() => expect(routeOf(folder, 'one')?.spec.path).toBe('/v1/renamed'))
    expectNoneMissed(folder)
  })

  it('but what stays so counts: emptied, cut, deleted', async () => {
    const folder = await openThree()
    await folder.write('a.yaml', routeText('one'))
    await eventually(() => expect(folder.names()).toEqual(['one', 'other']))
    await folder.write('a.yaml', '')
    await eventually(() => expect(folder.names()).toEqual(['other']))
    await unlink(join(folder.path, 'other.yaml'))
    await eventually(() => expect(folder.names()).toEqual([]))
    expect(folder.source.readProblems()).toEqual([])
    await folder.write('other.yaml', routeText('other'))
    await eventually(() => expect(folder.names()).toEqual(['other']))
  })

  it('a deleted folder takes its objects along', async () => {
    const folder = await open({ 'a.yaml': routeText('a'), 'sub/b.yaml': routeText('b') })
    await rm(join(folder.path, 'sub'), { recursive: true })
    await eventually(() => expect(folder.names()).toEqual(['a']))
    expect(folder.source.readProblems()).toEqual([])
  })
})

describe('a ConfigMap volume (F16)', () => {
  /** As kubelet's AtomicWriter does: a new folder, then `..data` renamed over the old link, then the old folder goes. */
  async function swap(path: string, version: string, files: Readonly<Record<string, string>>, old: string | null) {
    await mkdir(join(path, version))
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, version, name), text)
    await symlink(version, join(path, '..data_tmp'))
    await rename(join(path, '..data_tmp'), join(path, '..data'))
    if (old !== null) await rm(join(path, old), { recursive: true })
  }

  it.each([
    ['the folder', '.'],
    ['one file of it', 'a.yaml'],
  ])('is followed through its symlink swaps: %s', async (_name, path) => {
    const folder = await open({}, { paths: [] })
    await swap(folder.path, '..v1', { 'a.yaml': routeText('a', '/1'), 'b.yaml': routeText('b', '/1') }, null)
    for (const name of ['a.yaml', 'b.yaml']) await symlink(join('..data', name), join(folder.path, name))
    const mounted = await open({}, { paths: [join('..', folder.path.split('/').at(-1) ?? '', path)] })
    const isWhole = path === '.'
    expect(mounted.names()).toEqual(isWhole ? ['a', 'b'] : ['a'])
    for (let version = 2; version <= 6; version += 1) {
      const files = { 'a.yaml': routeText('a', `/${version}`), 'b.yaml': routeText('b', `/${version}`) }
      await swap(folder.path, `..v${version}`, files, `..v${version - 1}`)
      await eventually(() => expect(routeOf(mounted, 'a')?.spec.path).toBe(`/${version}`))
    }
    for (const { aiGatewayRoutes } of mounted.worlds) {
      expect(aiGatewayRoutes).toHaveLength(isWhole ? 2 : 1)
      // Both files of one swap, or neither.
      expect(new Set(aiGatewayRoutes.map(({ spec }) => spec.path)).size).toBe(1)
    }
    expect(mounted.loadErrors).toEqual([])
  })
})

it('says how long ago it heard of anything, and nothing after it stopped', async () => {
  const folder = await open({ 'a.yaml': routeText('a') })
  expect(folder.source.readLastEventAges().get('files')).toBeGreaterThanOrEqual(0)
  const worlds = folder.worlds.length
  await folder.source.stop()
  await appendFile(join(folder.path, 'a.yaml'), `---\n${routeText('b')}`)
  await folder.write('c.yaml', routeText('c'))
  expect(folder.worlds).toHaveLength(worlds)
})
