// SPDX-License-Identifier: Apache-2.0
// What clients that others wrote make of the OAuth endpoints: a JSON object of facts on standard input, of findings on standard
// output. Run by test/api/test_rfc.py.
import { webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'

globalThis.crypto ??= webcrypto // Node 18 has it elsewhere

const oauth = await import('oauth4webapi')
const openid = await import('openid-client')

/** @typedef {{issuer: string, id: string, secret: string, weak: {id: string, secret: string}, live: string, dead: string[],
 *             kill: string[]}} Facts */

/** Runs `what`; an error of the client becomes its name and what the server said.
 * @param {() => Promise<unknown>} what */
async function attempt(what) {
  try {
    return await what()
  } catch (error) {
    return { threw: error.code ?? error.name, error: error.error, status: error.status ?? error.cause?.status }
  }
}

/** @param {Facts} facts */
async function withOauth4webapi(facts) {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const issuer = new URL(facts.issuer)
  const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  const server = await oauth.processDiscoveryResponse(issuer, answer)

  /** @param {string} id @param {string} secret @param {string} token */
  async function introspect(id, secret, token) {
    const client = { client_id: id }
    const response = await oauth.introspectionRequest(server, client, oauth.ClientSecretBasic(secret), token, insecure)
    return oauth.processIntrospectionResponse(server, client, response)
  }

  /** @param {string} token */
  async function revoke(token) {
    const client = { client_id: facts.id }
    const response = await oauth.revocationRequest(server, client, oauth.None(), token, insecure)
    return (await oauth.processRevocationResponse(response)) ?? 'revoked'
  }

  return {
    metadata: server,
    live: await introspect(facts.id, facts.secret, facts.live),
    dead: await Promise.all(facts.dead.map((token) => introspect(facts.id, facts.secret, token))),
    wrongSecret: await attempt(() => introspect(facts.id, facts.secret + 'x', facts.live)),
    weak: await attempt(() => introspect(facts.weak.id, facts.weak.secret, facts.live)),
    revoked: [await revoke(facts.kill[0]), await revoke(facts.kill[0]), await revoke('never was')],
    afterwards: await introspect(facts.id, facts.secret, facts.kill[0]),
  }
}

/** @param {Facts} facts */
async function withOpenidClient(facts) {
  const options = { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] }
  /** @param {string} id @param {string} secret */
  const configure = (id, secret) =>
    openid.discovery(new URL(facts.issuer), id, undefined, openid.ClientSecretBasic(secret), options)
  const config = await configure(facts.id, facts.secret)
  const wrong = await configure(facts.id, facts.secret + 'x')
  const weak = await configure(facts.weak.id, facts.weak.secret)

  return {
    metadata: config.serverMetadata(),
    live: await openid.tokenIntrospection(config, facts.live),
    dead: await Promise.all(facts.dead.map((token) => openid.tokenIntrospection(config, token))),
    wrongSecret: await attempt(() => openid.tokenIntrospection(wrong, facts.live)),
    weak: await attempt(() => openid.tokenIntrospection(weak, facts.live)),
    revoked: [
      (await openid.tokenRevocation(config, facts.kill[1])) ?? 'revoked',
      (await openid.tokenRevocation(config, facts.kill[1], { token_type_hint: 'refresh_token' })) ?? 'revoked',
      (await openid.tokenRevocation(config, 'never was')) ?? 'revoked',
    ],
    afterwards: await openid.tokenIntrospection(config, facts.kill[1]),
  }
}

const facts = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(
  JSON.stringify({ oauth4webapi: await withOauth4webapi(facts), 'openid-client': await withOpenidClient(facts) }),
)
