// Issue 5, translation: the items of an answer, sent back with the next request, are what the backend said, its
// signatures and what it shows to nobody among it; and an answer repeats what was asked.
import { expect, test } from 'vitest'
import type { AssistantPart } from '../../../src/conversation/conversation.ts'
import { listFeatures } from '../../../src/conversation/list-features.ts'
import { openAiResponses } from '../../../src/dialects/openai-responses/openai-responses.ts'
import { isRecord } from '../../../src/is-record.ts'
import { answers, createContext } from './answers.ts'

function render(name: string, asked: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const answer: unknown = JSON.parse(openAiResponses.renderAnswer(answers[name] ?? [], createContext(asked)))
  if (!isRecord(answer)) throw new Error('no object')
  return answer
}

function sendBack(output: unknown): readonly AssistantPart[] {
  const input = [{ role: 'user', content: 'Q' }, ...(Array.isArray(output) ? output : [])]
  const { turns } = openAiResponses.parse(Buffer.from(JSON.stringify({ model: 'm', input }))).conversation
  return turns.flatMap((turn) => (turn.role === 'assistant' ? turn.parts : []))
}

const call = { kind: 'tool-call', signature: null, cache: null }
const text = (said: string) => ({ kind: 'text', text: said, cache: null })

test.each<[string, readonly unknown[]]>([
  ['text', [text('Hello "you"\n')]],
  ['two texts', [text('One.'), text('Two.')]],
  ['text, then a refusal', [text('Well.'), { kind: 'refusal', text: 'No.' }]],
  ['reasoning, text', [{ kind: 'reasoning', text: 'Let me think.', signature: 'sig=' }, text('Done.')]],
  [
    'reasoning that is hidden',
    [
      { kind: 'redacted-reasoning', data: 'ENC' },
      { kind: 'reasoning', text: '', signature: 'only' },
      { kind: 'reasoning', text: 'And.', signature: null },
      text('Done.'),
    ],
  ],
  [
    'calls in a row',
    [
      text('Looking.'),
      { ...call, id: 'call_0', name: 'weather', arguments: '{"city":"Rome"}' },
      { ...call, id: 'call_1', name: 'time', arguments: '{}' },
    ],
  ],
  [
    'a signed call',
    [
      { kind: 'reasoning', text: 'Hm.', signature: null },
      { ...call, id: 'call_0', name: 'weather', arguments: '{}', signature: 'gem==' },
    ],
  ],
])('%s', (name, parts) => {
  expect(sendBack(render(name).output)).toEqual(parts)
  expect(sendBack(render(name, { reasoning: { summary: 'detailed' } }).output)).toEqual(parts)
})

test('what another vendor encrypted is left out and said, its summary is kept', () => {
  const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAABo' }
  expect(sendBack([item])).toEqual([])
  const told = { ...item, summary: [{ type: 'summary_text', text: 'Hm.' }] }
  expect(sendBack([told])).toEqual([{ kind: 'reasoning', text: 'Hm.', signature: null }])

  const request = openAiResponses.parse(Buffer.from(JSON.stringify({ model: 'm', input: [item] })))
  expect([...listFeatures(request.conversation)]).toEqual(['sealedReasoning'])
  expect(request.paramOf('sealedReasoning')).toBe('input[0].encrypted_content')
})

test('an answer says what it is, what it used and what was asked', () => {
  const tool = { type: 'function', name: 'look', parameters: { type: 'object' }, strict: true }
  const asked = {
    instructions: 'Be brief.',
    tools: [tool],
    tool_choice: { type: 'function', name: 'look' },
    text: { verbosity: 'low' },
    reasoning: { effort: 'low' },
    temperature: 0,
    max_output_tokens: 9,
    metadata: { a: 'b' },
    user: 'u',
  }
  expect(render('text', asked)).toEqual({
    id: 'resp_abc123',
    object: 'response',
    created_at: 1_790_000_000,
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: 'Be brief.',
    max_output_tokens: 9,
    max_tool_calls: null,
    metadata: { a: 'b' },
    model: 'claude-1',
    output: [
      {
        id: 'msg_abc1230',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hello "you"\n', annotations: [], logprobs: [] }],
      },
    ],
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: 'low', summary: null },
    safety_identifier: null,
    service_tier: 'default',
    store: false,
    temperature: 0,
    text: { format: { type: 'text' }, verbosity: 'low' },
    tool_choice: { type: 'function', name: 'look' },
    tools: [{ ...tool, description: null }],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    usage: {
      input_tokens: 20,
      input_tokens_details: { cached_tokens: 8, cache_write_tokens: 4 },
      output_tokens: 12,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 32,
    },
    user: 'u',
  })
})

test.each([
  ['cut by its limit', 'max_output_tokens'],
  ['a call cut by the limit', 'max_output_tokens'],
  ['filtered', 'content_filter'],
])('%s: the response and its last item are incomplete', (name, reason) => {
  const { status, incomplete_details, output } = render(name)
  expect([status, incomplete_details]).toEqual(['incomplete', { reason }])
  expect(output).toMatchObject([{ status: 'incomplete' }])
})
