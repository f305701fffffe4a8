// An authorization server that none of us wrote (oidc-provider), for the
// interop test: its engine with a password grant of ours on it. It listens on
// a free loopback port and prints one line of JSON when it is ready. The
// first argument is a file with the public JWKS of the client that signs.
import fs from 'node:fs';
import http from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { Provider, errors } from 'oidc-provider';

const API = 'https://api.interop.test/';
const SCOPES = ['read:things', 'write:things'];
const secret = 'interop-secret-%&+ 0123456789';
const user = { id: 'wanda', password: 'W&nda %2B likes + signs' };

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = makeProvider(issuer);
  server.on('request', provider.callback());
  console.log(JSON.stringify({ issuer, secret, username: user.id, password: user.password, audience: API }));
});

function makeProvider(issuer) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const client = (client_id, token_endpoint_auth_method, more) => ({
    client_id, token_endpoint_auth_method, grant_types: ['password', 'refresh_token', 'authorization_code'],
    redirect_uris: ['http://127.0.0.1:1/callback'], response_types: ['code'], application_type: 'native', ...more,
  });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'interop-1' }] },
    clients: [
      client('by-none', 'none'),
      client('by-post', 'client_secret_post', { client_secret: secret }),
      client('by-basic', 'client_secret_basic', { client_secret: secret }),
      client('by-key', 'private_key_jwt', { jwks: JSON.parse(fs.readFileSync(process.argv[2])) }),
      client('no-password', 'client_secret_post', { client_secret: secret, grant_types: ['authorization_code'] }),
    ],
    scopes: ['openid', 'offline_access', ...SCOPES],
    findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true, defaultResource: () => undefined, useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: SCOPES.join(' '), accessTokenFormat: 'jwt', audience: API, jwt: { sign: { alg: 'RS256' } } }),
      },
    },
  });
  provider.registerGrantType('password', (ctx) => password(provider, ctx), ['username', 'password', 'scope', 'audience']);
  return provider;
}

async function password(provider, ctx) {
  const { client, params } = ctx.oidc;
  if (params.username !== user.id || params.password !== user.password) throw new errors.InvalidGrant('wrong user name or password');
  if (params.audience && params.audience !== API) throw new errors.InvalidTarget();
  const asked = (params.scope ?? 'openid').split(' ').filter(Boolean);
  ctx.oidc.entity('Account', { accountId: user.id, claims: async () => ({ sub: user.id }) });
  const grant = new provider.Grant({ accountId: user.id, clientId: client.clientId });
  grant.addOIDCScope(asked.join(' '));
  grant.addResourceScope(API, asked.join(' '));
  const grantId = await grant.save();
  const base = { accountId: user.id, client, grantId, gty: 'password' };
  const access = new provider.AccessToken({ ...base, scope: asked.join(' ') });
  if (params.audience) {
    access.resourceServer = new provider.ResourceServer(API, { scope: SCOPES.join(' '), accessTokenFormat: 'jwt', audience: API, jwt: { sign: { alg: 'RS256' } } });
    access.scope = asked.filter((s) => SCOPES.includes(s)).join(' ');
  }
  const access_token = await access.save();
  const body = { access_token, token_type: 'Bearer', expires_in: access.expiration, scope: asked.join(' ') };
  if (asked.includes('offline_access')) {
    body.refresh_token = await new provider.RefreshToken({ ...base, rotations: 0, scope: asked.join(' '), resource: params.audience }).save();
  }
  if (asked.includes('openid')) {
    const id = new provider.IdToken({ sub: user.id }, { ctx });
    id.scope = asked.join(' ');
    id.set('at_hash', access_token);
    body.id_token = await id.issue({ use: 'idtoken' });
  }
  ctx.body = body;
}
