import { type Expr, at, binary, member, self, str } from '../scenario/code.ts'

/** Headers whose purpose is to carry a secret. */
const secretHeader =
  /^(?:proxy-)?authorization$|^cookie$|token|secret|api[-_]?key|passw|session|credential|signature|^x-amz-security|^x-auth/i

/** Fields of a body or a query that carry a secret. */
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
