// Signs in over SRP with amazon-cognito-identity-js, chooses a password, renews and signs out.
// In, as JSON: endpoint, userPoolId, clientId, username, temporary, password. Out, as JSON: what it found.
import { readFileSync } from "node:fs";
import cognito from "amazon-cognito-identity-js";

const asked = JSON.parse(readFileSync(0, "utf8"));
const pool = new cognito.CognitoUserPool({
  UserPoolId: asked.userPoolId,
  ClientId: asked.clientId,
  endpoint: asked.endpoint,
});
const user = () => new cognito.CognitoUser({ Username: asked.username, Pool: pool });
const said = { events: [] };

const signIn = (who, password, newPassword) =>
  new Promise((resolve, reject) => {
    const callbacks = {
      onSuccess: resolve,
      onFailure: reject,
      newPasswordRequired: (_attributes, required) => {
        said.events.push(`new password required, with ${required.join(" ") || "nothing"}`);
        who.completeNewPasswordChallenge(newPassword, {}, callbacks);
      },
    };
    const details = new cognito.AuthenticationDetails({ Username: asked.username, Password: password });
    who.authenticateUser(details, callbacks);
  });
const call = (start) => new Promise((resolve, reject) => start((error, found) => (error ? reject(error) : resolve(found))));

const first = user();
const session = await signIn(first, asked.temporary, asked.password);
said.username = session.getAccessToken().payload.username;
said.events.push(await signIn(user(), asked.temporary).then(() => "let in", (error) => error.code));
const renewed = await call((done) => first.refreshSession(session.getRefreshToken(), done));
said.renewed = renewed.getAccessToken().getJwtToken() !== session.getAccessToken().getJwtToken();
said.events.push(await call((done) => first.changePassword(asked.password, "Another-Pass-9", done)));
await new Promise((onSuccess, onFailure) => first.globalSignOut({ onSuccess, onFailure }));
said.events.push(
  await call((done) => first.refreshSession(session.getRefreshToken(), done)).then(() => "renewed", (error) => error.code),
);
console.log(JSON.stringify(said));
