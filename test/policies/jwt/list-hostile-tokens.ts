// Tokens that must not be accepted, each with what is wrong with it: made systematically from keys and claims that are
// good, so that nothing else is wrong with them.
import { encodePart, type Signer, signBytes, signToken, signWithSecret } from '../../support/token-issuer.ts'

export type HostileToken = readonly [flaw: string, token: string]

export type HostileWorld = Readonly<{
  claims: Record<string, unknown>
  /** RS256, ES256, Ed25519 … whose keys the issuer publishes. */
  signers: readonly Signer[]
  /** Published too, but breaking the key policy. */
  weak: readonly Signer[]
  /** Of another issuer that is trusted as well, for its own tokens. */
  foreign: Signer
  foreignIssuer: string
  /** A key that nobody publishes. */
  attacker: Signer
  /** Nobody may ever ask for it. */
  attackerUri: string
}>

export function listHostileTokens(world: HostileWorld): readonly HostileToken[] {
  return [
    ...listUnsigned(world),
    ...listConfusions(world),
    ...listForeignKeys(world),
    ...listEncodings(world),
    ...listSignatures(world),
    ...listHeaders(world),
    ...listClaims(world),
  ]
}

/** C3: alg none in every case, with and without a signature, and as what is no string. */
function listUnsigned({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  const [signer] = signers
  if (signer === undefined) return tokens
  for (let bits = 0; bits < 16; bits++) {
    const alg = [...'none'].map((letter, at) => ((bits >> at) & 1 ? letter.toUpperCase() : letter)).join('')
    const input = `${encodePart({ alg, kid: signer.keyId })}.${encodePart(claims)}`
    tokens.push([`alg ${alg}, no signature`, `${input}.`])
    tokens.push([`alg ${alg}, two parts`, input])
    tokens.push([`alg ${alg}, a true signature`, signToken(signer, claims, { alg })])
  }
  const odd = [
    '',
    ' none',
    'none ',
    'n\u043ene',
    'none\u0000',
    null,
    0,
    false,
    [],
    ['RS256'],
    ['none'],
    {},
    'RS256 ',
    'rs256',
    'Rs256',
  ]
  const unknown = [
    'RS1',
    'RS257',
    'ES256K',
    'RSA',
    'HS1',
    'A128KW',
    'dir',
    'RSA-OAEP',
    'Ed448',
    'ML-DSA-44',
    '__proto__',
    'toString',
  ]
  for (const alg of [...odd, ...unknown])
    tokens.push([`alg ${JSON.stringify(alg)}`, signToken(signer, claims, { alg })])
  const input = `${encodePart({ kid: signer.keyId, typ: 'JWT' })}.${encodePart(claims)}`
  tokens.push(['no alg', `${input}.${signBytes(signer, input).toString('base64url')}`])
  return tokens
}

/** C3: the public key as an HMAC's secret, in every form it is written down in; an algorithm of another kind of key. */
function listConfusions({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  for (const { publicKey, jwk, keyId, algorithm } of signers) {
    const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const forms: readonly (readonly [string, string | Buffer])[] = [
      ['PEM', spki],
      ['PEM without its last line end', spki.trimEnd()],
      ['PEM with CRLF', spki.replaceAll('\n', '\r\n')],
      ['DER', publicKey.export({ type: 'spki', format: 'der' })],
      ['JWK', JSON.stringify(jwk)],
      ['JWK as exported', JSON.stringify(publicKey.export({ format: 'jwk' }))],
      ['modulus or x', String(jwk.n ?? jwk.x)],
      ['bytes of modulus or x', Buffer.from(String(jwk.n ?? jwk.x), 'base64url')],
      ['kid', keyId],
      ['nothing', ''],
    ]
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      for (const [form, secret] of forms) {
        tokens.push([`${alg} with the ${algorithm} key's ${form}`, signWithSecret(alg, secret, claims, { kid: keyId })])
      }
    }
  }
  for (const signer of signers) {
    for (const other of signers) {
      if (other.algorithm === signer.algorithm) continue
      tokens.push([
        `alg ${other.algorithm} and kid of ${signer.algorithm}`,
        signToken(other, claims, { kid: signer.keyId }),
      ])
      tokens.push([
        `signed ${signer.algorithm}, says ${other.algorithm}`,
        signToken(signer, claims, { alg: other.algorithm }),
      ])
    }
  }
  return tokens
}

/** C2, C3: keys of others, weak keys, keys that the token brings along. */
function listForeignKeys(world: HostileWorld): HostileToken[] {
  const { claims, signers, weak, foreign, foreignIssuer, attacker, attackerUri } = world
  const tokens: HostileToken[] = []
  tokens.push(["another issuer's key, its own kid", signToken(foreign, claims)])
  tokens.push(["another issuer's key, no kid", signToken(foreign, claims, { kid: undefined })])
  for (const { keyId, algorithm } of signers) {
    tokens.push([`another issuer's key, kid of ${algorithm}`, signToken(foreign, claims, { kid: keyId })])
    tokens.push([`a strange key, kid of ${algorithm}`, signToken(attacker, claims, { kid: keyId })])
    tokens.push([
      `our ${algorithm} key, the other issuer's name`,
      signToken(signers.find((signer) => signer.keyId === keyId) ?? foreign, { ...claims, iss: foreignIssuer }),
    ])
  }
  for (const signer of weak) tokens.push([`a weak key: ${signer.keyId}`, signToken(signer, claims)])
  const brought: readonly (readonly [string, object])[] = [
    ['jwk', { jwk: attacker.jwk }],
    ['jwk without kid', { jwk: attacker.jwk, kid: undefined }],
    ['jku', { jku: attackerUri }],
    ['jku with our host in it', { jku: `${attackerUri}#https://issuer.example.com` }],
    ['x5u', { x5u: attackerUri }],
    ['x5c', { x5c: [attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }],
    ['x5t', { x5t: 'AAAA', 'x5t#S256': 'AAAA' }],
    ['all of them', { jwk: attacker.jwk, jku: attackerUri, x5u: attackerUri, x5c: ['AAAA'] }],
  ]
  for (const [name, header] of brought) {
    tokens.push([`brings its key: ${name}`, signToken(attacker, claims, header)])
    for (const { keyId, algorithm } of signers) {
      tokens.push([
        `brings its key: ${name}, kid of ${algorithm}`,
        signToken(attacker, claims, { kid: keyId, ...header }),
      ])
    }
  }
  return tokens
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

/** C2: signatures that are nearly right. */
function listSignatures({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  for (const signer of signers) {
    const token = signToken(signer, claims)
    const input = token.slice(0, token.lastIndexOf('.'))
    const right = signBytes(signer, input)
    const add = (flaw: string, bytes: Buffer) =>
      tokens.push([`${signer.algorithm}, ${flaw}`, `${input}.${bytes.toString('base64url')}`])
    add('one byte short', right.subarray(0, -1))
    add('half', right.subarray(0, right.length / 2))
    add('one byte', right.subarray(0, 1))
    add('a zero byte behind', Buffer.concat([right, Buffer.from([0])]))
    add('a zero byte before', Buffer.concat([Buffer.from([0]), right]))
    add('twice', Buffer.concat([right, right]))
    add('all zero', Buffer.alloc(right.length))
    add('all ones', Buffer.alloc(right.length, 255))
    const half = right.length / 2
    add('first half zero', Buffer.concat([Buffer.alloc(half), right.subarray(half)]))
    add('second half zero', Buffer.concat([right.subarray(0, half), Buffer.alloc(half)]))
    add('halves changed', Buffer.concat([right.subarray(half), right.subarray(0, half)]))
    for (const at of [0, 1, half, right.length - 1]) {
      const bytes = Buffer.from(right)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      add(`bit of byte ${at} turned`, bytes)
    }
    if (signer.algorithm.startsWith('ES')) add('as DER', toDer(right))
    const [header = ''] = token.split('.')
    const other = encodePart({ ...claims, sub: 'root' })
    tokens.push([`${signer.algorithm}, other claims`, `${header}.${other}.${right.toString('base64url')}`])
    const kid = encodePart({ alg: signer.algorithm, kid: signer.keyId })
    tokens.push([`${signer.algorithm}, other header`, `${kid}.${token.split('.')[1]}.${right.toString('base64url')}`])
  }
  return tokens
}

/** r and s as OpenSSL writes them. */
function toDer(raw: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    const value = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
    return Buffer.concat([Buffer.from([2, value.length]), value])
  }
  const body = Buffer.concat([integer(raw.subarray(0, raw.length / 2)), integer(raw.subarray(raw.length / 2))])
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
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
