/**
 * The retailer's single sign-on, for journeys: a real, well-kept OpenID provider (`oidc-provider`) on this machine, with
 * one account and a form to sign in by. It asks for PKCE, and for the client's secret in the header.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

export interface OidcProvider {
  /** `http://127.0.0.1:<port>`: OIDC_ISSUER. */
  readonly issuer: string;
  /** OIDC_CLIENT_ID and OIDC_CLIENT_SECRET. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The one account: what the form takes, and the `sub` that the id token names. */
  readonly account: { readonly login: string; readonly password: string; readonly subject: string };
  stop(): Promise<void>;
}

/** `redirectUris`: `<origin>/v1/sign-in/oidc/callback` of each origin that signs in by it. */
export async function startOidcProvider(of: { redirectUris: readonly string[]; port?: number }): Promise<OidcProvider> {
  const client = { clientId: 'tributary', clientSecret: randomBytes(24).toString('base64url') };
  const account = { login: 'mira', password: 'a password of tests', subject: 'staff-4711' };
  let provider: Provider | undefined;
  const server = createServer((request, response) => {
    const [, uid] = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    if (!provider) response.writeHead(503).end();
    else if (uid) void signIn(provider, account, request, response);
    else provider.callback()(request, response);
  });
  await new Promise<void>((done) => server.listen(of.port ?? 0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  provider = new Provider(issuer, {
    adapter: createMemoryAdapter(0),
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: of.redirectUris,
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'of-tests' }] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, id: string) =>
      id === account.subject ? { accountId: id, claims: () => ({ sub: id }) } : undefined,
    // Whoever has signed in here has agreed.
    async loadExistingGrant({ oidc }: { oidc: { session: { accountId: string } } }) {
      if (!provider) return undefined;
      const grant = new provider.Grant({ accountId: oidc.session.accountId, clientId: client.clientId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
  });
  return {
    issuer,
    ...client,
    account,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function signIn(
  provider: Provider,
  account: OidcProvider['account'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(body);
    if (form.get('login') === account.login && form.get('password') === account.password) {
      return provider.interactionFinished(request, response, { login: { accountId: account.subject } });
    }
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(FORM);
}

const FORM = `<!doctype html>
<html lang="en">
<title>The retailer’s sign-in</title>
<form method="post">
  <p><label>Name <input name="login" autocomplete="username" required></label></p>
  <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
  <p><button>Sign in</button></p>
</form>
</html>`;
