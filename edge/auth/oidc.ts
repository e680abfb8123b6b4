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
  /** Where to send the browser. `state`, and both of the trip: 32 random bytes, base64url. */
  begin(of: { redirectUri: string; state: string; trip: Trip }): Promise<string>;
  /** Who came back; null when the answer is not to this trip, not for us, or not signed as the issuer signs. */
  finish(of: { redirectUri: string; state: string; trip: Trip; answer: URL }): Promise<{ subject: string } | null>;
}

const DISCOVERY_TTL_MS = 60 * 60_000;

export function createOidc(given: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  name: string;
  now(): number;
}): Oidc {
  const issuer = new URL(given.issuer);
  // A provider on this machine, for tests: everywhere else only over TLS.
  const local = /^(localhost|127\.0\.0\.1)$/.test(issuer.hostname);
  const options = { [oauth.allowInsecureRequests]: local };
  const client: oauth.Client = { client_id: given.clientId, [oauth.clockTolerance]: 30 };
  const secret = oauth.ClientSecretPost(given.clientSecret);
  let known: { server: oauth.AuthorizationServer; until: number } | null = null;

  async function server(): Promise<oauth.AuthorizationServer> {
    if (known && known.until > given.now()) return known.server;
    const found = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    known = { server: found, until: given.now() + DISCOVERY_TTL_MS };
    return found;
  }

  return {
    issuer: given.issuer,
    name: given.name,

    async begin({ redirectUri, state, trip: { verifier, nonce } }) {
      const { authorization_endpoint } = await server();
      if (!authorization_endpoint) throw new Error(`${given.issuer} names no authorization endpoint`);
      const address = new URL(authorization_endpoint);
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
    },

    async finish({ redirectUri, state, trip: { verifier, nonce }, answer }) {
      const as = await server();
      try {
        const params = oauth.validateAuthResponse(as, client, answer, state);
        const response = await oauth.authorizationCodeGrantRequest(
          as,
          client,
          secret,
          params,
          redirectUri,
          verifier,
          options,
        );
        const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
          expectedNonce: nonce,
          requireIdToken: true,
        });
        // The code came over TLS from the issuer itself; its signature is checked all the same.
        await oauth.validateApplicationLevelSignature(as, response, options);
        const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub;
        return subject ? { subject } : null;
      } catch (cause) {
        console.error('single sign-on refused', cause instanceof Error ? cause.message : cause);
        return null;
      }
    },
  };
}
