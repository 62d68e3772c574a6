// The hash of how a prompt begins: one for all turns of a conversation, another for the next conversation, whatever else
// is in the body.
import { expect, test } from 'vitest'
import { hashPrompt } from '../../src/wire/hash-prompt.ts'
import { scanBody } from '../../src/wire/scan-body.ts'

const hash = (value: unknown, indent = 0) => {
  const body = Buffer.from(JSON.stringify(value, null, indent))
  return hashPrompt(body, scanBody(body))
}
const system = { role: 'system', content: 'You are brief.' }
const developer = { content: [{ type: 'text', text: 'Use metres.' }], role: 'developer' }
const ask = (content: string) => ({ role: 'user', content })
const answer = { role: 'assistant', content: 'Yes.' }

test('every turn of a conversation is alike', () => {
  const first = hash({ model: 'm', messages: [system, developer, ask('Is it?')] })
  expect(first).not.toBeNull()
  expect(hash({ model: 'm', messages: [system, developer, ask('Is it?'), answer, ask('Why?')] })).toBe(first)
})

test('other fields, before and behind, change nothing', () => {
  const messages = [system, ask('Is it?')]
  expect(hash({ temperature: 1, messages, stream: true, tools: [{ type: 'function' }] })).toBe(hash({ messages }))
})

test('another first question, or another system prompt, is another conversation', () => {
  const hashes = [
    hash({ messages: [system, ask('Is it?')] }),
    hash({ messages: [system, ask('Is it!')] }),
    hash({ messages: [ask('Is it?')] }),
    hash({ messages: [system, developer, ask('Is it?')] }),
    hash({ system: 'You are brief.', messages: [ask('Is it?')] }),
    hash({ system: [{ type: 'text', text: 'You are brief.' }], messages: [ask('Is it?')] }),
    hash({ instructions: 'You are long.', input: 'Is it?' }),
    hash({ input: 'Is it?' }),
    hash({ input: [ask('Is it?!')] }),
    hash({ prompt: 'Is it??' }),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
  expect(hashes).not.toContain(null)
})

test('white space within the list does not matter, and a list of nothing is nothing said', () => {
  const tight = Buffer.from('{"messages":[{"role":"system","content":"a"},{"role":"user","content":"b"}]}')
  const wide = Buffer.from('{"messages":[ {"role":"system","content":"a"} ,\n {"role":"user","content":"b"}\n]}')
  expect(hashPrompt(wide, scanBody(wide))).toBe(hashPrompt(tight, scanBody(tight)))
  expect(hash({ model: 'm' })).toBeNull()
  expect(hash({ messages: [] })).toBeNull()
  expect(hash({ system: 'a', messages: [] })).not.toBeNull()
  expect(hash({ messages: [1, null, 'x'] })).not.toBeNull()
})

test('of a large message the beginning counts', () => {
  const start = 'a'.repeat(70_000)
  expect(hash({ messages: [ask(`${start}b`)] })).toBe(hash({ messages: [ask(`${start}c`)] }))
  expect(hash({ messages: [ask(`b${start}`)] })).not.toBe(hash({ messages: [ask(`c${start}`)] }))
})

test('what looks like the end of a list inside a string is none', () => {
  const tricky = { role: 'system', content: ']}, {"role":"user"' }
  expect(hash({ messages: [tricky, ask('one')] })).not.toBe(hash({ messages: [tricky, ask('two')] }))
})
