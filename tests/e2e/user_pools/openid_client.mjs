// Signs in at a domain's login page with openid-client, as an app with a browser does.
// In, as JSON: issuer, clientId, clientSecret, redirectUri, logoutUri, username, password. Out, as JSON: what it found.
import { readFileSync } from "node:fs";
import * as client from "openid-client";

const asked = JSON.parse(readFileSync(0, "utf8"));

const config = await client.discovery(
  new URL(asked.issuer),
  asked.clientId,
  asked.clientSecret ? { client_secret: asked.clientSecret } : undefined,
  asked.clientSecret ? client.ClientSecretBasic(asked.clientSecret) : client.None(),
  { execute: [client.allowInsecureRequests] },
);

async function signIn(url) {
  let cookies = {};
  const visit = async (where, form) => {
    const headers = { cookie: Object.entries(cookies).map((pair) => pair.join("=")).join("; ") };
    const answer = await fetch(where, { redirect: "manual", headers, method: form ? "POST" : "GET", body: form });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(";")[0].split("=");
      cookies[name] = value;
    }
    return answer;
  };
  const start = await visit(url);
  const loginUrl = new URL(start.headers.get("location"), url);
  const page = await (await visit(loginUrl)).text();
  const csrf = page.match(/name="_csrf" value="([^"]*)"/)[1];
  const form = new URLSearchParams({ _csrf: csrf, username: asked.username, password: asked.password });
  return new URL((await visit(loginUrl, form)).headers.get("location"));
}

const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const authorization = client.buildAuthorizationUrl(config, {
  redirect_uri: asked.redirectUri,
  scope: "openid email",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
const callback = await signIn(authorization);
const tokens = await client.authorizationCodeGrant(config, callback, checks);
const claims = tokens.claims();
const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
await client.tokenRevocation(config, tokens.refresh_token);
const refusal = async (call) => call.then(() => null, (error) => error.error ?? "refused");

console.log(
  JSON.stringify({
    claims: { username: claims["cognito:username"], email: claims.email, emailVerified: claims.email_verified },
    info: { username: info.username, emailVerified: info.email_verified },
    renewedSub: renewed.claims().sub === claims.sub,
    refusals: {
      refresh: await refusal(client.refreshTokenGrant(config, tokens.refresh_token)),
      userInfo: await refusal(client.fetchUserInfo(config, renewed.access_token, claims.sub)),
      codeAgain: await refusal(client.authorizationCodeGrant(config, callback, checks)),
    },
    logout: client.buildEndSessionUrl(config, { logout_uri: asked.logoutUri }).href,
  }),
);
