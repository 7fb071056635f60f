// Verifies tokens with aws-jwt-verify; keys come from where AWS has them, on the server that is named.
// In, as JSON: server, userPoolId, clientId, group, tokens by their use. Out, as JSON: claims, or what was wrong.
import { readFileSync } from "node:fs";
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";

const { server, userPoolId, clientId, group, tokens } = JSON.parse(readFileSync(0, "utf8"));
const asked = [];
const fetcher = {
  async fetch(uri) {
    asked.push(uri);
    const answer = await fetch(server + new URL(uri).pathname);
    return answer.arrayBuffer();
  },
};
const results = {};
for (const [name, [tokenUse, token]] of Object.entries(tokens)) {
  const verifier = CognitoJwtVerifier.create(
    { userPoolId, clientId, tokenUse, groups: group },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  );
  try {
    results[name] = (await verifier.verify(token)).token_use;
  } catch (error) {
    results[name] = error.constructor.name;
  }
}
console.log(JSON.stringify({ results, asked: [...new Set(asked)] }));
