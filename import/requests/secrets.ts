import { type Expr, at, binary, member, self, str } from '../scenario/code.ts'

/** Matches the names of headers that usually carry a secret. */
const secretHeader =
  /^(?:proxy-)?authorization$|^cookie$|token|secret|api[-_]?key|passw|session|credential|signature|^x-amz-security|^x-auth/i

/** Matches the names of body fields and query parameters that usually carry a secret. */
const secretField =
  /passw|passphrase|^pwd$|^pin$|^otp$|secret|api[-_]?key|credential|^token$|(?:access|refresh|id|auth|session|csrf|xsrf|bearer)[-_]?token|^client_assertion$|^jwt$|^code_verifier$|^signature$|^sig$/i

export function isSecretHeader(name: string): boolean {
  return secretHeader.test(name)
}

export function isSecretField(name: string): boolean {
  return secretField.test(name)
}

/** Returns `this.vars.name ?? ''`, a value that `--var name=…` sets. */
export function variable(name: string, otherwise = ''): Expr {
  return binary(at(member(self, 'vars'), str(name)), '??', str(otherwise))
}
