// Hostile tokens that the right key has signed: in another spelling, with a header that asks for too much, with claims that
// are none or not for us.
import { encodePart, signBytes, signToken } from '../../support/token-issuer.ts'
import type { HostileToken, HostileWorld } from './list-hostile-tokens.ts'

export function listMisspeltTokens(world: HostileWorld): readonly HostileToken[] {
  return [...listEncodings(world), ...listHeaders(world), ...listClaims(world)]
}

/** C2: other spellings of the same bytes, other numbers of parts. */
function listEncodings({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  for (const signer of signers) {
    const parts = signToken(signer, claims).split('.')
    const rebuild = (at: number, part: string) => parts.map((old, index) => (index === at ? part : old)).join('.')
    parts.forEach((part, at) => {
      const name = `${signer.algorithm}, part ${at + 1}`
      for (const tail of ['=', '==', ' ', '\n', '\r\n', '\t', '%3D', '\u0000', '+', '/', '\u00e9', '.', '~', 'A']) {
        tokens.push([`${name} with ${JSON.stringify(tail)} behind it`, rebuild(at, part + tail)])
      }
      for (const head of [' ', '\n', '=', '\ufeff', 'A']) {
        tokens.push([`${name} with ${JSON.stringify(head)} before it`, rebuild(at, head + part)])
      }
      tokens.push([`${name} with a space in it`, rebuild(at, `${part.slice(0, 8)} ${part.slice(8)}`)])
      tokens.push([`${name} with a line end in it`, rebuild(at, `${part.slice(0, 8)}\n${part.slice(8)}`)])
      tokens.push([`${name} empty`, rebuild(at, '')])
      const plain = part.replaceAll('-', '+').replaceAll('_', '/')
      if (plain !== part) tokens.push([`${name} in plain base64`, rebuild(at, plain)])
      const respelt = respellLast(part)
      if (respelt !== null) tokens.push([`${name} with other unused bits`, rebuild(at, respelt)])
    })
    const whole = parts.join('.')
    for (const form of [
      `${whole}.`,
      `.${whole}`,
      `${whole}.AAAA`,
      `${whole}.AAAA.AAAA`,
      `${whole}..`,
      `${whole}.${whole}`,
    ]) {
      tokens.push([`${signer.algorithm}, ${form.split('.').length} parts`, form])
    }
    tokens.push([`${signer.algorithm}, quoted`, `"${whole}"`])
    tokens.push([
      `${signer.algorithm}, as JSON`,
      JSON.stringify({ protected: parts[0], payload: parts[1], signature: parts[2] }),
    ])
    tokens.push([`${signer.algorithm}, detached`, `${parts[0]}..${parts[2]}`])
  }
  tokens.push(['of 16 KiB', `${'A'.repeat(8_000)}.${'A'.repeat(8_380)}.AA`])
  return tokens
}

/** The same bytes with the bits set that the last character has over; null where it has none. */
function respellLast(part: string): string | null {
  if (part.length % 4 === 0) return null
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + (alphabet[alphabet.indexOf(part.slice(-1)) ^ 1] ?? '')
}

/** C2, C3: truly signed, with a header that asks for what is not done. */
function listHeaders({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  const headers: readonly (readonly [string, object])[] = [
    ['crit unknown', { crit: ['x'], x: 1 }],
    ['crit empty', { crit: [] }],
    ['crit null', { crit: null }],
    ['crit b64', { crit: ['b64'], b64: true }],
    ['b64 false', { b64: false }],
    ['b64 false, critical', { crit: ['b64'], b64: false }],
    ['crit alg', { crit: ['alg'] }],
    ['crit exp', { crit: ['exp'], exp: 4e9 }],
    ['crit a string', { crit: 'b64' }],
    ...[[], ['k'], null, 0, true, {}].map((kid) => [`kid ${JSON.stringify(kid)}`, { kid }] as const),
    ...[
      '../../../etc/passwd',
      '/dev/null',
      "' OR '1'='1",
      "x' UNION SELECT 'key'--",
      '`id`',
      '{{7*7}}',
      '__proto__',
      'constructor',
      '\u0000',
      '',
      ' ',
      'K'.repeat(4_000),
      'http://127.0.0.1/key',
    ].map((kid) => [`kid ${JSON.stringify(kid.slice(0, 30))}`, { kid }] as const),
    ...['JWE', 'dpop+jwt', 'logout+jwt', 'secevent+jwt', 'JWS', '', null, 1, ['JWT'], 'text/html'].map(
      (typ) => [`typ ${JSON.stringify(typ)}`, { typ }] as const,
    ),
  ]
  for (const signer of signers) {
    for (const [flaw, header] of headers)
      tokens.push([`${signer.algorithm}, ${flaw}`, signToken(signer, claims, header)])
    const { algorithm: alg, keyId: kid } = signer
    const texts: readonly string[] = [
      `{"alg":"none","alg":"${alg}","kid":"${kid}"}`,
      `{"alg":"${alg}","alg":"${alg}","kid":"${kid}"}`,
      `{"alg":"${alg}","\\u0061lg":"none","kid":"${kid}"}`,
      `{"alg":"${alg}","kid":"x","kid":"${kid}"}`,
      `\ufeff{"alg":"${alg}","kid":"${kid}"}`,
      `{"alg":"${alg}","kid":"${kid}"}{}`,
      `{"alg":"${alg}","kid":"${kid}"} x`,
      `{"alg":"${alg}","kid":"${kid}",}`,
      `{'alg':'${alg}','kid':'${kid}'}`,
      `[{"alg":"${alg}","kid":"${kid}"}]`,
      `"${alg}"`,
      'null',
      '',
      `{"alg":"${alg}","kid":"${kid}","x":${'['.repeat(300)}${']'.repeat(300)}}`,
      `{"__proto__":{"alg":"${alg}"},"kid":"${kid}"}`,
    ]
    for (const text of texts) tokens.push([`${alg}, header ${text.slice(0, 50)}`, signToken(signer, claims, text)])
  }
  return tokens
}

/** C4: truly signed, and not for us, not now, or not claims. */
function listClaims({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  const [signer] = signers
  if (signer === undefined) return tokens
  const iss = String(claims.iss)
  const changes: readonly object[] = [
    ...[
      `${iss}/`,
      iss.slice(0, -1),
      iss.toUpperCase(),
      ` ${iss}`,
      `${iss} `,
      `${iss}\u0000`,
      iss.replace('e', '\u0435'),
      iss.replace('https', 'http'),
      [iss],
      { iss },
      null,
      1,
      '',
      '*',
      '__proto__',
    ].map((value) => ({ iss: value })),
    ...[
      'Sluice',
      'sluice ',
      ' sluice',
      'sluice/',
      'slu\u0131ce',
      '\uff53luice',
      'sluice,other',
      '*',
      '',
      null,
      1,
      true,
      {},
      { sluice: 1 },
      [],
      ['other'],
      [['sluice']],
      ['sluice', 1],
      ['sluice', null],
      [null],
    ].map((value) => ({ aud: value })),
    ...['4102444800', '', null, true, false, [], [4102444800], {}, -1, 0, 1, -4102444800, 1e15, 1e308, 8.64e15].map(
      (value) => ({ exp: value }),
    ),
    ...[4102444800, '0', null, true, [0], 1e300].map((value) => ({ nbf: value })),
    ...[4102444800, '0', null, [], {}].map((value) => ({ iat: value })),
    ...[
      '',
      null,
      0,
      1,
      true,
      [],
      ['alice'],
      {},
      'a'.repeat(257),
      'a\u0000b',
      'a\nb',
      'a\r\nx: y',
      'a\u0085',
      'a\u2028b',
      'a\u007f',
      '\ud800',
      'a\udc00',
    ].map((value) => ({ sub: value })),
    { exp: undefined },
    { iss: undefined },
    { aud: undefined },
    { sub: undefined },
  ]
  for (const change of changes) {
    tokens.push([`claims with ${JSON.stringify(change).slice(0, 60)}`, signToken(signer, { ...claims, ...change })])
  }
  const whole = JSON.stringify(claims)
  const body = whole.slice(1, -1)
  const texts: readonly string[] = [
    `{${body},"exp":4102444800}`,
    `{"exp":1,${body}}`,
    `{${body},"sub":"root"}`,
    `{${body},"\\u0073ub":"root"}`,
    `{${body},"iss":"${iss}"}`,
    `{${body},"x":1,"x":2}`,
    `{${body.replace(/"exp":\d+/, '"exp":1e400')}}`,
    `{${body.replace(/"exp":\d+/, '"exp":-1e400')}}`,
    `{${body.replace(/"exp":\d+/, '"exp":NaN')}}`,
    `{${body.replace(/"exp":\d+/, '"exp":Infinity')}}`,
    `{${body.replace(/"exp":\d+/, '"exp":0x7fffffff')}}`,
    `{${body.replace(/"exp":\d+/, '"exp":+4102444800')}}`,
    `{"__proto__":${whole}}`,
    `{"constructor":{"prototype":${whole}}}`,
    `\ufeff${whole}`,
    `${whole}${whole}`,
    `${whole},`,
    `${whole}\u0000`,
    `[${whole}]`,
    `/**/${whole}`,
    JSON.stringify(whole),
    'null',
    'true',
    '1',
    '[]',
    '{}',
    `{${body},"x":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`,
    `{${body},"x":${'['.repeat(3_000)}`,
  ]
  for (const text of texts) tokens.push([`claims ${text.slice(0, 60)}`, signToken(signer, text)])
  const input = `${encodePart({ alg: signer.algorithm, kid: signer.keyId })}.${Buffer.concat([
    Buffer.from(`{${body},"x":"`),
    Buffer.from([0xc3, 0x28, 0xff, 0xed, 0xa0, 0x80]),
    Buffer.from('"}'),
  ]).toString('base64url')}`
  tokens.push(['claims that are not UTF-8', `${input}.${signBytes(signer, input).toString('base64url')}`])
  return tokens
}
