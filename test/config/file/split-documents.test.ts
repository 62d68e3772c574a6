import { describe, expect, it } from 'vitest'
import { splitDocuments } from '../../../src/config/file/split-documents.ts'

describe('a text is cut exactly where its documents begin', () => {
  it('knows the line of each', () => {
    expect(splitDocuments('a: 1\n---\nb: 2\n--- # c\nc: 3\n')).toEqual([
      { text: 'a: 1\n', startLine: 1 },
      { text: '---\nb: 2\n', startLine: 2 },
      { text: '--- # c\nc: 3\n', startLine: 4 },
    ])
  })

  it('is not misled by what only looks like a separator', () => {
    const text = 'a: |\n  ---\n  b\nc: "x\n  --- y"\nd: ----\n----: e\n'
    expect(splitDocuments(text)).toEqual([{ text, startLine: 1 }])
  })

  it('leaves texts with directives or end markers whole', () => {
    for (const text of ['%YAML 1.2\n---\na: 1\n', 'a: 1\n...\n---\nb: 2\n']) {
      expect(splitDocuments(text)).toEqual([{ text, startLine: 1 }])
    }
  })

  it('counts lines that end in CRLF', () => {
    expect(splitDocuments('a: 1\r\n---\r\nb: 2\r\n')).toEqual([
      { text: 'a: 1\r\n', startLine: 1 },
      { text: '---\r\nb: 2\r\n', startLine: 2 },
    ])
  })
})
