/** Single sign-on for the retailer's staff (OpenID Connect: code flow with PKCE, state, nonce), by `oauth4webapi`. */
import * as oauth from 'oauth4webapi';

/** What a trip must remember until it is back. */
export interface Trip {
  readonly verifier: string;
  readonly nonce: string;
}

export interface Oidc {
  readonly issuer: string;
  /** What people call it. */
  readonly name: string;
  /**
   * Where to send the browser; null when the issuer does not answer. `state`, and both of the trip: 32 random bytes,
   * base64url.
   */
  begin(of: { redirectUri: string; state: string; trip: Trip }): Promise<string | null>;
  /** Who came back; null when the answer is not to this trip, not for us, or not signed as the issuer signs. */
  finish(of: { redirectUri: string; state: string; trip: Trip; answer: URL }): Promise<{ subject: string } | null>;
}

const DISCOVERY_TTL_MS = 60 * 60_000;
const PATIENCE_MS = 10_000;
/** How far the issuer's clock may be off. */
const TOLERANCE_SECONDS = 30;
/** Older than a trip may take, an answer is of another one. */
const MAX_AGE_SECONDS = 10 * 60;

export function createOidc(given: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  name: string;
  now(): number;
  /** In place of the runtime's own. */
  fetch?(address: string, asked: oauth.CustomFetchOptions<string, URLSearchParams | undefined>): Promise<Response>;
}): Oidc {
  const issuer = new URL(given.issuer);
  // A provider on this machine, for tests: everywhere else only over TLS.
  const local = /^(localhost|127\.0\.0\.1)$/.test(issuer.hostname);
  const options = {
    [oauth.allowInsecureRequests]: local,
    ...(given.fetch && { [oauth.customFetch]: given.fetch }),
    signal: () => AbortSignal.timeout(PATIENCE_MS),
  };
  let known: { server: oauth.AuthorizationServer; until: number } | null = null;

  async function server(): Promise<oauth.AuthorizationServer> {
    if (known && known.until > given.now()) return known.server;
    const found = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    known = { server: found, until: given.now() + DISCOVERY_TTL_MS };
    return found;
  }

  /** Times of tokens are read by the same clock as all else here. */
  const clientNow = (): oauth.Client => ({
    client_id: given.clientId,
    [oauth.clockTolerance]: TOLERANCE_SECONDS,
    [oauth.clockSkew]: Math.floor((given.now() - Date.now()) / 1000),
  });

  /** As the issuer says that it takes secrets; in the header when it says nothing, which is the standard's default. */
  function authentication({ token_endpoint_auth_methods_supported: taken }: oauth.AuthorizationServer) {
    const inBody = taken && !taken.includes('client_secret_basic') && taken.includes('client_secret_post');
    return inBody ? oauth.ClientSecretPost(given.clientSecret) : oauth.ClientSecretBasic(given.clientSecret);
  }

  /** Of now, and of no other time: the library looks at its end alone. */
  function isTimely({ iat }: oauth.IDToken): boolean {
    const now = Math.floor(given.now() / 1000);
    return iat <= now + TOLERANCE_SECONDS && iat > now - MAX_AGE_SECONDS;
  }

  return {
    issuer: given.issuer,
    name: given.name,

    async begin({ redirectUri, state, trip: { verifier, nonce } }) {
      try {
        const { authorization_endpoint } = await server();
        if (!authorization_endpoint) throw new Error(`${given.issuer} names no authorization endpoint`);
        const address = new URL(authorization_endpoint);
        oauth.checkProtocol(address, !local);
        const asked = {
          client_id: given.clientId,
          redirect_uri: redirectUri,
          response_type: 'code',
          scope: 'openid',
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          state,
          nonce,
        };
        for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
        return address.href;
      } catch (cause) {
        console.error('single sign-on does not answer', saidOf(cause));
        return null;
      }
    },

    async finish({ redirectUri, state, trip: { verifier, nonce }, answer }) {
      try {
        const as = await server();
        const client = clientNow();
        const params = oauth.validateAuthResponse(as, client, answer, state);
        const response = await oauth.authorizationCodeGrantRequest(
          as,
          client,
          authentication(as),
          params,
          redirectUri,
          verifier,
          options,
        );
        const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
          expectedNonce: nonce,
          requireIdToken: true,
        });
        // The code came over TLS from the issuer itself; its signature is checked all the same, by the issuer's public
        // keys alone: no `none`, and nothing that our own secret, or a public key taken for one, could have signed.
        await oauth.validateApplicationLevelSignature(as, response, options);
        const claims = oauth.getValidatedIdTokenClaims(tokens);
        if (!claims?.sub) throw new Error('the token names nobody');
        if (!isTimely(claims)) throw new Error('the token was not issued just now: do both clocks agree?');
        return { subject: claims.sub };
      } catch (cause) {
        console.error('single sign-on refused', saidOf(cause));
        return null;
      }
    },
  };
}

/** What a library says went wrong; never its `cause`, which may hold the token. */
const saidOf = (cause: unknown): string => (cause instanceof Error ? cause.message : 'for no reason told');
