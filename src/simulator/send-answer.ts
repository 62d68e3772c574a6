// Writes an answer to the socket in time: first token, pace of the others, back pressure, and the fault that was drawn.
import type { ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Fault } from './draw-fault.ts'

export type Pace = Readonly<{ ttftMs: number; interTokenMs: number }>

/** Sends the answer; returns at once. A client that leaves ends it. */
export function sendAnswer(response: ServerResponse, answer: Answer, pace: Pace, fault: Fault): void {
  switch (answer.kind) {
    case 'events':
      sendEvents(response, answer.events, pace, fault)
      return
    case 'json': {
      const durationMs = pace.ttftMs + Math.max(0, answer.tokens - 1) * pace.interTokenMs
      const send = () => sendWhole(response, answer.status, 'application/json', Buffer.from(answer.body))
      after(response, durationMs, () => strikeOr(response, fault, send))
      return
    }
    case 'bytes': {
      const send = () => sendWhole(response, 200, answer.contentType, answer.body)
      after(response, pace.ttftMs, () => strikeOr(response, fault, send))
    }
  }
}

/** Sends a body of known length now. */
export function sendWhole(response: ServerResponse, status: number, contentType: string, body: Buffer | string): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function sendEvents(response: ServerResponse, events: readonly string[], pace: Pace, fault: Fault): void {
  const strikesAt = fault.kind === 'none' ? -1 : Math.floor(fault.position * (events.length + 1))
  let sent = 0
  const sendNext = () => {
    if (response.destroyed) return
    if (sent === strikesAt) {
      strike(response, fault)
      return
    }
    if (sent === 0) writeStreamHead(response)
    if (pace.interTokenMs === 0) {
      const last = strikesAt < 0 ? events.length : Math.min(events.length, strikesAt)
      const isFlushed = response.write(events.slice(sent, last).join(''))
      sent = last
      if (sent < events.length) whenFlushed(response, isFlushed, sendNext)
      else response.end()
      return
    }
    const isFlushed = response.write(events[sent] ?? '')
    sent++
    if (sent < events.length) whenFlushed(response, isFlushed, () => after(response, pace.interTokenMs, sendNext))
    else response.end()
  }
  after(response, pace.ttftMs, sendNext)
}

function writeStreamHead(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
}

function whenFlushed(response: ServerResponse, isFlushed: boolean, then: () => void): void {
  if (isFlushed) then()
  else response.once('drain', then)
}

function strikeOr(response: ServerResponse, fault: Fault, send: () => void): void {
  if (fault.kind === 'none') send()
  else strike(response, fault)
}

/** A failure with a status never gets here. A hang does nothing: the client or `stop` ends it. */
function strike(response: ServerResponse, fault: Fault): void {
  if (fault.kind === 'reset') response.socket?.resetAndDestroy()
}

/** Runs `then` after a delay, unless the client has left by then. Zero is now. */
function after(response: ServerResponse, delayMs: number, then: () => void): void {
  if (delayMs === 0) {
    then()
    return
  }
  const onClose = () => clearTimeout(timer)
  const timer = setTimeout(() => {
    response.off('close', onClose)
    then()
  }, delayMs)
  response.once('close', onClose)
}
