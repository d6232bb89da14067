// Tokens for servers that are started with `jwtArguments`.
import { createHmac } from 'node:crypto'

const secret = Buffer.alloc(32, 7)

/** Command-line arguments that make a server ask for tokens. */
export const jwtArguments = ['--CoEdit:Auth:Mode=Jwt', `--CoEdit:Auth:Jwt:Keys:0:Key=${secret.toString('base64')}`]

const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token for `user` with `grants`, such as `{ name: 'doc', rights: 'read' }`. */
export const tokenFor = (user, ...grants) => {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: user, aud: 'coedit', exp: Math.floor(Date.now() / 1000) + 3600, coedit: grants })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
