import { BurstError, type ExitReason } from '../../core/errors.ts'
import { clean } from '../terminal/style.ts'

/** The region, the profile and the endpoint of a request to AWS. If one of these values explains the error, the error message contains this value. */
export interface Where {
  region?: string
  endpoint?: string | undefined
  profile?: string | undefined
}

interface Sentence {
  reason: ExitReason
  message: string
  hint: string
}

/** An error from an AWS client. `code` is the code of a network error, such as `ECONNREFUSED`. */
interface AwsFault {
  name: string
  message: string
  code?: string
  cause?: unknown
  $metadata?: { httpStatusCode?: number }
}

type Rule = [names: RegExp, sentence: (fault: AwsFault, where: Where) => Sentence]

/**
 * A hint that names the commands with the flag `--local`. The errors about a missing region, missing credentials and a missing stack show this hint,
 * even if the command that failed does not have the flag `--local`.
 */
export const localInstead =
  'to work without AWS, add --local to burst run, find, list, watch, scale, pause, continue, stop or report'

/** Errors of the code that finds credentials. */
const ofProviders = /^(CredentialsProviderError|TokenProviderError|AuthenticationError)$/
/** Errors of AWS about credentials that were valid before. The last two are errors of IAM Identity Center (SSO). */
const ofExpiry =
  /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired|UnauthorizedException|InvalidGrantException)$/
const expiryWords = /expired|sso|session token|refresh token|re-authenticate|aws login/i
const networkCode = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)\b/

/** Rules that match the name, the code or the HTTP status of an error. The first matching rule is used. */
const rules: Rule[] = [
  [ofProviders, ({ message }, where) => (expiryWords.test(message) ? expired(where) : noCredentials(where))],
  [ofExpiry, (_, where) => expired(where)],
  [
    /^(UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|AuthFailure|InvalidSignatureException)$/,
    (_, where) => ({
      reason: 'invalidInput',
      message: `AWS does not accept these credentials${ofProfile(where)}`,
      hint: 'check them with: aws sts get-caller-identity',
    }),
  ],
  [/^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError|Forbidden|403)$/, denied],
  [
    /^NoSuchBucket$/,
    () =>
      gone(
        'the bucket of this stack is gone',
        'something other than burst deleted the bucket; run burst destroy, then burst deploy',
      ),
  ],
  [
    /QueueDoesNotExist|NonExistentQueue$/,
    () =>
      gone(
        'the queue of this stack is gone',
        'something other than burst deleted the queue; run burst destroy, then burst deploy',
      ),
  ],
  [
    /^ResourceNotFoundException$/,
    ({ message }) => gone(`a function of this stack is gone: ${firstLine(message)}`, 'run burst deploy'),
  ],
  [
    /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/,
    ({ message }) => ({
      reason: 'invalidInput',
      message: `this is the wrong region: ${firstLine(message)}`,
      hint: 'name the right region with --region',
    }),
  ],
  [
    /^(TooManyRequestsException|ThrottlingException|Throttling|SlowDown|RequestLimitExceeded|LimitExceededException|CodeStorageExceededException|TooManyBuckets)$/,
    ({ message }) =>
      gone(
        `AWS refuses the request because a quota is reached: ${firstLine(message)}`,
        'see Service Quotas in the AWS console',
      ),
  ],
  [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    (_, { endpoint, region }) =>
      endpoint
        ? unreachable(endpoint)
        : {
            reason: 'invalidInput',
            message: `AWS cannot be reached${region ? ` in region '${region}'` : ''}: DNS cannot resolve the host name of AWS`,
            hint: 'check --region and the network',
          },
  ],
  [
    /^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError)$/,
    (_, { endpoint }) => unreachable(endpoint ?? 'AWS'),
  ],
]

/**
 * Converts an error of an AWS client to a BurstError that names the problem and the remedy. The exit code is 104 if the credentials or the region are
 * missing or wrong, or if DNS cannot resolve the host name of AWS. In all other cases, the exit code is 97, for example if AWS denies access or a
 * quota is reached. Also converts an error that has the code of a network error, even if the error does not come from an AWS client. Returns all
 * other errors unchanged. If `error` is already a BurstError, also returns it unchanged.
 */
export function cloudProblem(error: unknown, where: Where): unknown {
  if (error instanceof BurstError || !(error instanceof Error)) return error
  const sentence = sentenceOn(innermost(error), where)
  return sentence ? new BurstError(sentence.reason, sentence.message, { hint: sentence.hint, cause: error }) : error
}

/**
 * Returns true if the credentials are missing or have expired. Every repeated call then fails until the person signs in. Returns false if the SDK
 * could not renew the credentials because of a network error.
 */
export function needsSignIn(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const fault = innermost(error)
  return (ofProviders.test(fault.name) || ofExpiry.test(fault.name)) && lostConnection(fault) === undefined
}

/**
 * If a network error prevented the SDK from finding or renewing credentials, returns the code of the network error. Returns undefined for all other
 * errors. The SDK puts only the message of the network error into its own error.
 */
function lostConnection({ name, message }: AwsFault): string | undefined {
  return ofProviders.test(name) ? networkCode.exec(message)?.[0] : undefined
}

/** Returns the strings that burst compares with the patterns of `rules`. */
function namesOf(fault: AwsFault): string[] {
  const lost = lostConnection(fault)
  return lost === undefined ? [fault.name, fault.code ?? '', String(fault.$metadata?.httpStatusCode ?? '')] : [lost]
}

/** Returns the exit reason, the message and the hint for an AWS error; undefined for other errors. */
function sentenceOn(fault: AwsFault, where: Where): Sentence | undefined {
  if (/region is missing/i.test(fault.message)) return noRegion()
  const names = namesOf(fault)
  const rule = rules.find(([pattern]) => names.some((name) => pattern.test(name)))
  if (rule) return rule[1](fault, where)
  if (fault.$metadata === undefined) return undefined
  return gone(
    `AWS says: ${firstLine(fault.message) || fault.name}`,
    'run the command again with --debug to see the stack trace',
  )
}

/**
 * If an error has no code and has a list of inner errors (`errors`), continues with the first inner error. Returns the first error that has a code or
 * has no inner errors. A failed connection may cause an error that has one inner error for each address that Node tried.
 */
function innermost(error: Error): AwsFault {
  const fault = error as AwsFault & { errors?: unknown[] }
  const [first] = fault.errors ?? []
  return first instanceof Error && fault.code === undefined ? innermost(first) : fault
}

function noCredentials(where: Where): Sentence {
  return {
    reason: 'invalidInput',
    message: `there are no AWS credentials${ofProfile(where)}`,
    hint: `sign in with aws configure or aws sso login, or choose a profile with --profile; ${localInstead}`,
  }
}

function noRegion(): Sentence {
  return {
    reason: 'invalidInput',
    message: 'no AWS region is chosen',
    hint: `choose a region with --region, e.g. --region eu-central-1; ${localInstead}`,
  }
}

function expired(where: Where): Sentence {
  return {
    reason: 'invalidInput',
    message: `the AWS credentials${ofProfile(where)} have expired`,
    hint: `sign in again, e.g. aws sso login${where.profile ? ` --profile ${where.profile}` : ''}`,
  }
}

function denied({ message }: AwsFault): Sentence {
  const action = /perform: (\S+)/.exec(message)?.[1]
  return {
    reason: 'runFailed',
    message: action ? `AWS denies you ${action}` : `AWS denies you access: ${firstLine(message)}`,
    hint: 'docs/aws.md lists the permissions that a person needs',
  }
}

function gone(message: string, hint: string): Sentence {
  return { reason: 'runFailed', message, hint }
}

function unreachable(what: string): Sentence {
  return {
    reason: 'runFailed',
    message: `${what} cannot be reached`,
    hint: what === 'AWS' ? 'check the network' : 'is the emulator running there?',
  }
}

function ofProfile({ profile }: Where): string {
  return profile === undefined ? '' : ` of profile '${profile}'`
}

function firstLine(text: string): string {
  return clean(text.split('\n')[0] ?? '').slice(0, 300)
}
