// Auth0's own SDKs, unchanged, against the loopback tenant. The first argument
// is which SDK, standard input the line that describes the tenant. One line a
// call: "ok NAME" or "FAILED NAME: why".
import fs from 'node:fs';
import { createHmac } from 'node:crypto';

const t = JSON.parse(fs.readFileSync(0, 'utf8'));
const host = new URL(t.issuer).host;
const [client] = t.clients;
const machine = t.clients.find((c) => c.grants.includes('client_credentials') && c.client_secret);
const [user] = t.users;
const mfaUser = t.users.find((u) => u.otp_secret);
const realmUser = t.users.find((u) => u.realm === 'employees' && !u.otp_secret);
const audience = t.apis[0].audience;
const scope = 'openid profile email offline_access read:orders';

async function call(name, f) {
  try {
    const r = await f();
    console.log(`ok ${name}`);
    return r;
  } catch (e) {
    console.log(`FAILED ${name}: ${e.stack ?? e}`);
    return undefined;
  }
}

async function refused(name, want, f) {
  try {
    await f();
  } catch (e) {
    const got = JSON.stringify([e.error, e.error_description, e.code, e.message, e.cause, e.statusCode]);
    console.log(got.includes(want) ? `ok ${name}` : `FAILED ${name}: ${got} has no ${want}`);
    return e;
  }
  console.log(`FAILED ${name}: it was not refused`);
  return undefined;
}

function must(cond, what) {
  if (!cond) throw new Error(what);
}

function totp(secret) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
}

async function node_auth0() {
  const { AuthenticationClient, UserInfoClient } = await import('auth0');
  const make = (c) => new AuthenticationClient({ domain: host, clientId: c.client_id, clientSecret: c.client_secret });
  const auth = make(client);
  const first = await call('passwordGrant', () => auth.oauth.passwordGrant({ username: user.username, password: user.password, audience, scope }, { idTokenValidateOptions: {} }));
  if (!first) return;
  await call('passwordGrant with realm', () => auth.oauth.passwordGrant({ username: realmUser.username, password: realmUser.password, realm: 'employees', audience, scope }));
  await refused('passwordGrant, wrong password', 'Wrong email or password.', () => auth.oauth.passwordGrant({ username: user.username, password: 'no', audience, scope }));
  const info = await call('getUserInfo', () => new UserInfoClient({ domain: host }).getUserInfo(first.data.access_token));
  await call('userinfo is the user', async () => must(info.data.email === user.username, `${info.data.email} is not ${user.username}`));
  const second = await call('refreshTokenGrant', () => auth.oauth.refreshTokenGrant({ refresh_token: first.data.refresh_token }));
  await call('refreshed token', async () => must(second.data.access_token && second.data.access_token !== first.data.access_token, 'the same token came back'));
  await call('clientCredentialsGrant', () => make(machine).oauth.clientCredentialsGrant({ audience }));
  await refused('clientCredentialsGrant, unknown audience', 'Service not found', () => make(machine).oauth.clientCredentialsGrant({ audience: 'https://nowhere.test/' }));
  await call('revokeRefreshToken', () => auth.oauth.revokeRefreshToken({ token: first.data.refresh_token }));
  await refused('refreshTokenGrant, revoked', 'Unknown or invalid refresh token.', () => auth.oauth.refreshTokenGrant({ refresh_token: first.data.refresh_token }));
}

async function auth_js() {
  const { AuthClient } = await import('@auth0/auth0-auth-js');
  const auth = new AuthClient({ domain: host, clientId: client.client_id, clientSecret: client.client_secret });
  await call('getTokenByPassword', () => auth.getTokenByPassword({ username: user.username, password: user.password, audience, scope }));
  const e = await refused('getTokenByPassword, MFA', 'mfa_required', () => auth.getTokenByPassword({ username: mfaUser.username, password: mfaUser.password, audience, scope }));
  const mfaToken = e?.cause?.mfa_token ?? e?.mfa_token ?? e?.cause?.mfaToken;
  if (!mfaToken) return console.log(`FAILED mfa_token: ${JSON.stringify(e?.cause)}`);
  const list = await call('listAuthenticators', () => auth.mfa.listAuthenticators({ mfaToken }));
  await call('an OTP authenticator', async () => must(list.some((a) => JSON.stringify(a).includes('otp')), JSON.stringify(list)));
  await call('challengeAuthenticator', () => auth.mfa.challengeAuthenticator({ challengeType: 'otp', mfaToken }));
  await refused('verify, wrong code', 'invalid_grant', () => auth.mfa.verify({ factorType: 'otp', otp: '000000', mfaToken }));
  const done = await call('verify', () => auth.mfa.verify({ factorType: 'otp', otp: totp(mfaUser.otp_secret), mfaToken }));
  await call('tokens after verify', async () => must(done.accessToken ?? done.access_token, JSON.stringify(Object.keys(done))));
}

await { auth0: node_auth0, 'auth0-auth-js': auth_js }[process.argv[2]]();
