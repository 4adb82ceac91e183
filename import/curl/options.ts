/** Options of curl by their letters. */
const letters: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  F: 'form',
  u: 'user',
  b: 'cookie',
  A: 'user-agent',
  e: 'referer',
  G: 'get',
  I: 'head',
  k: 'insecure',
  L: 'location',
  m: 'max-time',
  T: 'upload-file',
  x: 'proxy',
  E: 'cert',
  K: 'config',
  r: 'range',
  c: 'cookie-jar',
  o: 'output',
  w: 'write-out',
  D: 'dump-header',
  C: 'continue-at',
  y: 'speed-time',
  Y: 'speed-limit',
  z: 'time-cond',
  U: 'proxy-user',
  P: 'ftp-port',
  Q: 'quote',
  t: 'telnet-option',
  4: 'ipv4',
  6: 'ipv6',
}

/** Long options that take a value. */
const withValue: ReadonlySet<string> = new Set(
  `request url url-query header data data-ascii data-raw data-binary data-urlencode json form form-string user oauth2-bearer cookie
  user-agent referer max-time connect-timeout max-redirs upload-file proxy cert key cacert capath config range cookie-jar output write-out
  dump-header continue-at speed-time speed-limit time-cond proxy-user ftp-port quote telnet-option resolve connect-to retry retry-delay
  retry-max-time limit-rate interface ciphers tls-max cert-type key-type pass aws-sigv4 unix-socket dns-servers doh-url noproxy proto
  proto-default proto-redir local-port keepalive-time trace trace-ascii stderr output-dir rate variable happy-eyeballs-timeout-ms
  socks5 socks5-hostname socks4 socks4a proxy-header preproxy pinnedpubkey etag-save etag-compare expect100-timeout create-file-mode
  max-filesize netrc-file hostpubmd5 hostpubsha256 engine egd-file random-file curves parallel-max service-name login-options mail-from
  mail-rcpt delegation crlfile abstract-unix-socket alt-svc hsts ip-tos tls13-ciphers proxy-cacert proxy-cert proxy-key postquote prequote
  trace-config request-target haproxy-clientip ipfs-gateway ech vlan-priority dns-interface dns-ipv4-addr dns-ipv6-addr libcurl sasl-authzid
  krb proxy-tlsv1 tlsuser tlspassword tlsauthtype keepalive-cnt`.split(/\s+/),
)

/** The options that have no counterpart in the scenario, each with the reason. */
export const notCarried: Readonly<Record<string, string>> = {
  capath: "write tls: { ca: 'ca.pem' } in scenario(); see TLS in docs/scenarios.md",
  pass: 'burst takes a key that is not encrypted',
  'tls-max': 'burst has no highest version of TLS',
  'proxy-user': 'give the user name and password with --proxy to burst run',
  preproxy: 'burst uses an HTTP proxy',
  socks4: 'burst uses an HTTP proxy',
  socks4a: 'burst uses an HTTP proxy',
  socks5: 'burst uses an HTTP proxy',
  'socks5-hostname': 'burst uses an HTTP proxy',
  http3: 'burst sends HTTP/1.1 or HTTP/2',
  'http3-only': 'burst sends HTTP/1.1 or HTTP/2',
  config: 'the options in that file are not read',
  resolve: 'give --resolve with the same value to burst run',
  'connect-to': 'requests go to the host of the URL',
  'unix-socket': 'requests go to the host of the URL',
  'aws-sigv4': 'the request is not signed',
  'request-target': 'the path of the URL is sent',
  digest: 'only Basic and Bearer are sent by themselves',
  ntlm: 'only Basic and Bearer are sent by themselves',
  negotiate: 'only Basic and Bearer are sent by themselves',
  netrc: 'the user name and password in .netrc are not read',
  'netrc-file': 'the user name and password in that file are not read',
  retry: 'a failed request is counted and not repeated',
}

export interface GivenOption<Value> {
  name: string
  value: Value | null
}

/** An argument of a command: its constant beginning, and the whole value. */
export interface Argument<Value> {
  /** The constant beginning of the word. */
  plain: string
  /** The word without its first characters. */
  from(start: number): Value
}

/** Sorts the arguments of curl into options and URLs, as curl does: `-sXPOST`, `-X POST`, `--request POST`, `--request=POST`. */
export function readOptions<Value>(words: readonly Argument<Value>[]): GivenOption<Value>[] {
  const found: GivenOption<Value>[] = []
  let isOver = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Argument<Value>
    const takeNext = (): Value | null => words[++at]?.from(0) ?? null
    if (isOver || !/^-./.test(word.plain)) found.push({ name: 'url', value: word.from(0) })
    else if (word.plain === '--') isOver = true
    else if (word.plain.startsWith('--')) found.push(longOption(word, takeNext))
    else found.push(...shortOptions(word, takeNext))
  }
  return found
}

function longOption<Value>(word: Argument<Value>, takeNext: () => Value | null): GivenOption<Value> {
  const equals = word.plain.indexOf('=')
  if (equals > 0) return { name: word.plain.slice(2, equals), value: word.from(equals + 1) }
  const name = word.plain.slice(2)
  return { name, value: withValue.has(name) ? takeNext() : null }
}

function shortOptions<Value>(word: Argument<Value>, takeNext: () => Value | null): GivenOption<Value>[] {
  const found: GivenOption<Value>[] = []
  for (let at = 1; at < word.plain.length; at++) {
    const letter = word.plain.charAt(at)
    const name = letters[letter] ?? letter
    if (!withValue.has(name)) found.push({ name, value: null })
    else {
      const isLast = at === word.plain.length - 1 && isWhole(word)
      found.push({ name, value: isLast ? takeNext() : word.from(at + 1) })
      break
    }
  }
  return found
}

/** Whether the word is constant text only. */
function isWhole(word: Argument<unknown>): boolean {
  return !('more' in word) || word.more !== true
}
