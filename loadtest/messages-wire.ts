// The fixed bytes of the benchmark's backend where it speaks Anthropic's Messages API: the same answers as wire.ts has in
// OpenAI's. https://docs.claude.com/en/api/messages-streaming

const model = 'bench-claude'
const head = { id: 'msg_bench0123456789', type: 'message', role: 'assistant', model }
const usage = { input_tokens: 190, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }

/** About 1 KB, head and body. */
export function renderMessagesAnswer(): Buffer {
  const text = 'A gateway keeps one socket for each stream and never mixes what it reads. '.repeat(9).trim()
  const body = JSON.stringify({
    ...head,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { ...usage, output_tokens: 130 },
  })
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: bench\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** That many events, each as one HTTP chunk; the last one holds `message_stop` and the end of the body. */
export function renderMessagesChunks(count: number): Buffer[] {
  const message = {
    ...head,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  }
  const events: Readonly<Record<string, unknown> & { type: string }>[] = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ]
  while (events.length < count - 3) {
    const delta = { type: 'text_delta', text: ` word${events.length}` }
    events.push({ type: 'content_block_delta', index: 0, delta })
  }
  events.push(
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 130 } },
    { type: 'message_stop' },
  )
  return events.map((event, index) => {
    const text = `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
    const chunk = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
    return Buffer.from(index === events.length - 1 ? `${chunk}0\r\n\r\n` : chunk)
  })
}
