import type { GraphqlDocument, GraphqlOptions, RequestOptions } from '../../../../../core/authoring/requests/http.ts'
import { inWords, isRecord } from '../../../../../core/values-in-words.ts'
import type { Failure } from '../failure.ts'
import type { ResponseBody } from '../judging/response.ts'
import { headerPairs, mergedHeaders } from '../sending/headers.ts'
import { operationOf } from './operation.ts'

type Variables = Readonly<Record<string, unknown>> | null | undefined

const defaultUrl = '/graphql'
/** The accepted media types, from the specification "GraphQL over HTTP". */
const accept = 'application/graphql-response+json, application/json;q=0.9'
const otherBodies = new Set(['json', 'form', 'multipart', 'body', 'arrays', 'params'])

interface GraphqlRequest {
  route: string
  options: RequestOptions
  /** The name of the operation in the statistics. */
  operation: string
  allowErrors: boolean
}

/**
 * Returns the POST request that sends a GraphQL operation.
 * @throws TypeError when the document, the variables or an option cannot be used
 */
export function graphqlRequest(
  document: GraphqlDocument,
  variables: Variables,
  { url = defaultUrl, operationName, allowErrors = false, ...options }: GraphqlOptions = {},
): GraphqlRequest {
  const query = textOf(document)
  checkVariables(variables)
  checkOwnOptions(operationName, allowErrors)
  const refused = Object.keys(options).find((name) => otherBodies.has(name))
  if (refused !== undefined)
    throw new TypeError(`http.graphql() has no option '${refused}': put values into the variables`)
  const headers = mergedHeaders([['accept', accept]], headerPairs(options.headers ?? {}))
  // Properties that are undefined are not sent, because JSON leaves them out.
  const json = { query, variables: variables ?? undefined, operationName }
  return {
    route: url,
    operation: operationOf(query, operationName),
    allowErrors,
    options: { ...options, headers, json },
  }
}

function checkVariables(variables: unknown): void {
  if (variables === undefined || variables === null || isRecord(variables)) return
  throw new TypeError(
    `the variables of http.graphql() are ${inWords(variables)}; they must be an object with a value for each name`,
  )
}

function checkOwnOptions(operationName: unknown, allowErrors: unknown): void {
  if (operationName !== undefined && typeof operationName !== 'string')
    throw new TypeError(`operationName is ${inWords(operationName)}; it must be a string`)
  if (typeof allowErrors !== 'boolean')
    throw new TypeError(`allowErrors is ${inWords(allowErrors)}; it must be true or false`)
}

/**
 * Returns the source of a document. The document may be a string, or an object that `gql` or a code generator returned.
 * @throws TypeError for any other value
 */
function textOf(document: unknown): string {
  const source = isRecord(document) && isRecord(document['loc']) ? document['loc']['source'] : undefined
  if (isRecord(source) && typeof source['body'] === 'string') return source['body']
  // String objects are accepted too, because code generators return objects of a subclass of String.
  if (Object.prototype.toString.call(document) === '[object String]') return String(document)
  throw new TypeError(
    `the query of http.graphql() is ${inWords(document)}; it must be a string such as '{ cart { total } }'`,
  )
}

/**
 * Returns the failure of a GraphQL response whose status is a success; null if the response has data and no errors. The failure is the first error in
 * the response. If the body cannot be read as JSON, or has neither data nor errors, the failure says so.
 */
export function graphqlFailure(body: ResponseBody): Failure | null {
  const read = body.json()
  if (!('value' in read)) return read
  const answer = isRecord(read.value) ? read.value : {}
  const errors = [answer['errors'] ?? []].flat()
  if (errors.length > 0) return { kind: 'expect', message: `GraphQL: ${messageOf(errors[0])}` }
  if ('data' in answer) return null
  return { kind: 'extract', message: 'the body is not a GraphQL response: it has neither data nor errors' }
}

function messageOf(error: unknown): string {
  return isRecord(error) && typeof error['message'] === 'string' ? error['message'] : 'an error without a message'
}
