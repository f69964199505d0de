// An OpenID provider (oidc-provider, which is certified as one) with one app, for tests: on loopback, in memory.
//
//   node openid.mjs FOLDER_WITH_NODE_MODULES PORT ID SECRET ADDRESS_TO_COME_BACK_TO
//
// Whoever gives a name is signed in by it. Each renewal ends the refresh token that it was made with, and one that comes
// twice ends all that came of it.

import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, port, id, secret, redirect] = process.argv.slice(2)
const entry = path.resolve(folder, 'node_modules/oidc-provider/lib/index.js')
const { Provider } = await import(pathToFileURL(entry))

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: id,
      client_secret: secret,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [redirect],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  cookies: { keys: ['of a test'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, name) => ({ accountId: name, claims: () => ({ sub: name }) }),
  pkce: { required: () => true },
  rotateRefreshToken: true,
  scopes: ['openid', 'offline_access'],
})
provider.listen(Number(port), '127.0.0.1')
