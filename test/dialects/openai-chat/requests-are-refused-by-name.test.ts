// What a chat request may not say is refused by the name of the field; what only another server could do, too.
import { describe, expect, test } from 'vitest'
import type { Feature } from '../../../src/conversation/feature.ts'
import { listFeatures } from '../../../src/conversation/list-features.ts'
import { GatewayError } from '../../../src/errors/gateway-error.ts'
import { hello, parse } from './requests.ts'

function refuse(fields: Readonly<Record<string, unknown>>): Readonly<{ code: string; param: string | null }> {
  try {
    parse(fields)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    expect(error.publicText).toMatch(/^['A-Z].*\.$/)
    return { code: error.code, param: error.param }
  }
  throw new Error('it was accepted')
}

const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
const assistant = (fields: object) => ({ messages: [hello, { role: 'assistant', ...fields }] })
const lookup = { type: 'function', function: { name: 'lookup' } }

describe('not valid', () => {
  test.each([
    [{ messages: null }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'hello' }, 'messages'],
    [{ messages: ['hello'] }, 'messages[0]'],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'system' }] }, 'messages[0].content'],
    [{ messages: [hello, { role: 'assistant' }] }, 'messages[1].content'],
    [{ messages: [hello, { role: 'tool', content: 'x' }] }, 'messages[1].tool_call_id'],
    [user(7), 'messages[0].content'],
    [user([{ text: 'x' }]), 'messages[0].content[0].type'],
    [user([{ type: 'text', text: 'x' }, { type: 'video' }]), 'messages[0].content[1].type'],
    [user([{ type: 'text' }]), 'messages[0].content[0].text'],
    [user([{ type: 'refusal', refusal: 'x' }]), 'messages[0].content[0].type'],
    [user([{ type: 'image_url' }]), 'messages[0].content[0].image_url'],
    [user([{ type: 'image_url', image_url: { url: 'ftp://x' } }]), 'messages[0].content[0].image_url.url'],
    [user([{ type: 'image_url', image_url: { url: 'data:image/png,x' } }]), 'messages[0].content[0].image_url.url'],
    [user([{ type: 'image_url', image_url: { url: 'data:;base64,AAAA' } }]), 'messages[0].content[0].image_url.url'],
    [
      user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,<>' } }]),
      'messages[0].content[0].image_url.url',
    ],
    [
      user([{ type: 'image_url', image_url: { url: 'https://x/', detail: 'huge' } }]),
      'messages[0].content[0].image_url.detail',
    ],
    [user([{ type: 'file', file: {} }]), 'messages[0].content[0].file'],
    [user([{ type: 'input_audio', input_audio: { data: 'AA' } }]), 'messages[0].content[0].input_audio.format'],
    [
      { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x/' } }] }] },
      'messages[0].content[0].type',
    ],
    [assistant({ content: null, tool_calls: [{ type: 'function' }] }), 'messages[1].tool_calls[0].id'],
    [
      assistant({ content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: {} } }] }),
      'messages[1].tool_calls[0].function.arguments',
    ],
    [
      user([{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '2h' } }]),
      'messages[0].content[0].cache_control.ttl',
    ],
    [{ temperature: 3 }, 'temperature'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ top_p: -1 }, 'top_p'],
    [{ n: 0 }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: 1, max_completion_tokens: 2 }, 'max_tokens'],
    [{ frequency_penalty: 3 }, 'frequency_penalty'],
    [{ seed: 1.5 }, 'seed'],
    [{ stop: [1] }, 'stop'],
    [{ top_logprobs: 3 }, 'top_logprobs'],
    [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
    [{ logit_bias: { 1: 101 } }, 'logit_bias'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ verbosity: 'none' }, 'verbosity'],
    [{ stream: 'yes' }, 'stream'],
    [{ stream_options: { include_usage: true } }, 'stream_options'],
    [{ reasoning_effort: 'huge' }, 'reasoning_effort'],
    [{ thinking: { type: 'enabled', budget_tokens: 0 } }, 'thinking.budget_tokens'],
    [{ response_format: { type: 'xml' } }, 'response_format.type'],
    [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema'],
    [{ response_format: { type: 'json_schema', json_schema: {} } }, 'response_format.json_schema.name'],
    [{ tools: [{}] }, 'tools[0].type'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function'],
    [{ tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }, 'tools[0].function.parameters'],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ tools: [lookup], tool_choice: 'any' }, 'tool_choice'],
    [{ tools: [lookup], tool_choice: { type: 'function', function: { name: 'x' } } }, 'tool_choice.function.name'],
    [
      { tools: [lookup], tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } } },
      'tool_choice.allowed_tools.tools',
    ],
  ])('%j: %s', (fields, param) => {
    expect(refuse(fields)).toEqual({ code: 'invalid_request', param })
  })
})

describe('valid elsewhere', () => {
  test.each([
    [{ functions: [{ name: 'f' }] }, 'functions'],
    [{ function_call: 'auto' }, 'function_call'],
    [{ messages: [{ role: 'function', name: 'f', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'system', name: 'ann', content: 'x' }] }, 'messages[0].name'],
    [assistant({ content: 'x', function_call: { name: 'f', arguments: '' } }), 'messages[1].function_call'],
    [assistant({ content: 'x', audio: { id: 'a' } }), 'messages[1].audio'],
    [assistant({ content: 'x', annotations: [{}] }), 'messages[1].annotations'],
    [assistant({ content: null, tool_calls: [{ id: 'c', type: 'custom' }] }), 'messages[1].tool_calls[0].type'],
    [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[0].type'],
    [{ tools: [lookup], tool_choice: { type: 'custom' } }, 'tool_choice.type'],
    [user([{ type: 'text', text: 'x', future: 1 }]), 'messages[0].content[0].future'],
    [{ messages: [{ ...hello, weight: 1 }] }, 'messages[0].weight'],
  ])('%j: %s', (fields, param) => {
    expect(refuse(fields)).toEqual({ code: 'unsupported_parameter', param })
  })
})

test('fields without a word of ours are kept with their values, to be refused or dropped by name', () => {
  const fields = {
    web_search_options: {},
    prediction: { type: 'content', content: 'x' },
    modalities: ['text', 'audio'],
    audio: { voice: 'alloy', format: 'mp3' },
    store: true,
    models: ['other'],
    future: 0,
  }
  expect(parse(fields).conversation.unknown).toEqual(Object.entries(fields).map(([name, value]) => ({ name, value })))
  expect(
    parse({ stream: true, stream_options: { include_usage: true, include_obfuscation: true } }).conversation.unknown,
  ).toEqual([{ name: 'stream_options.include_obfuscation', value: true }])
  expect(parse({ user: 'a', safety_identifier: 'b' }).conversation).toMatchObject({
    endUser: 'b',
    unknown: [{ name: 'user', value: 'a' }],
  })
})

test('every feature has the name that the client wrote', () => {
  const png = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } }
  const request = parse({
    messages: [
      { role: 'user', name: 'ann', content: [png, { type: 'image_url', image_url: { url: 'https://x/' } }] },
      {
        role: 'user',
        content: [
          { type: 'file', file: { file_id: 'f' } },
          { type: 'file', file: { file_data: 'https://x/a.pdf' } },
          { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
          { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c', content: [png] },
      { role: 'assistant', content: 'x', reasoning_content: 'y' },
    ],
    tools: [{ type: 'function', function: { name: 'lookup', strict: true } }],
    tool_choice: 'required',
    parallel_tool_calls: false,
    thinking: { type: 'enabled' },
    response_format: { type: 'json_object' },
    safety_identifier: 'a',
    metadata: { a: 'b' },
    n: 2,
    stop: 'x',
    logprobs: true,
    seed: 1,
    future: true,
  })
  const named = new Map<Feature, string>()
  for (const feature of listFeatures(request.conversation)) named.set(feature, request.paramOf(feature))
  expect(Object.fromEntries(named)).toEqual({
    images: 'messages[0].content[0].image_url',
    imageUrls: 'messages[0].content[1].image_url.url',
    imageDetail: 'messages[0].content[0].image_url.detail',
    names: 'messages[0].name',
    files: 'messages[1].content[0].file',
    fileIds: 'messages[1].content[0].file.file_id',
    fileUrls: 'messages[1].content[1].file.file_data',
    audio: 'messages[1].content[2].input_audio',
    cacheMarkers: 'messages[1].content[3].cache_control',
    toolResultMedia: 'messages[2].content[0]',
    reasoningHistory: 'messages[3].reasoning_content',
    prefill: 'messages[3]',
    tools: 'tools',
    strictTools: 'tools[0].function.strict',
    toolChoice: 'tool_choice',
    singleToolCall: 'parallel_tool_calls',
    reasoning: 'thinking',
    jsonObject: 'response_format',
    endUser: 'safety_identifier',
    metadata: 'metadata',
    choices: 'n',
    stop: 'stop',
    logprobs: 'logprobs',
    seed: 'seed',
    unknown: 'unknown',
  })
})
