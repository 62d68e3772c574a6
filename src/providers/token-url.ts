// Which addresses a credential may be sent to for a token.

/** Over TLS, but for a test server on this machine. Null: it is one; else what is wrong, to follow the field's name. */
export function findTokenUrlProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null) return 'is no URL'
  if (url.username !== '' || url.password !== '') return 'has a password in it'
  if (url.protocol === 'https:') return null
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  return url.protocol === 'http:' && isLoopback ? null : 'is not https'
}
