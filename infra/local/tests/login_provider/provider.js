// Runs the certified OpenID provider on a port of this machine, with one client. Started by
// scripts/lib/login-provider, whose help says how a test goes through its forms.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    "client-id": { type: "string", default: "jangteo" },
    "client-secret": { type: "string", default: "the-secret-of-the-certified-provider" },
    fd: { type: "string" },
    modules: { type: "string" },
    port: { type: "string", default: "0" },
    "redirect-uri": { type: "string", multiple: true, default: ["http://localhost:3000/api/auth/oauth/google/callback"] },
  },
});

// It is installed beside the tools, not beside this file.
const installed = createRequire(`${values.modules}/package.json`).resolve("oidc-provider");
const { Provider } = await import(pathToFileURL(installed));

const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

// Whoever types a name is that person. The name is the address, verified unless it begins with
// "unverified".
function account(name) {
  return {
    accountId: name,
    claims: () => ({
      sub: name,
      email: name,
      email_verified: !name.startsWith("unverified"),
      name: name.split("@")[0],
    }),
  };
}

const server = createServer();
await new Promise((resolve, reject) => {
  server.once("error", reject);
  const place = values.fd === undefined ? { port: Number(values.port), host: "127.0.0.1" } : { fd: Number(values.fd) };
  server.listen(place, resolve);
});
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: values["client-id"],
    client_secret: values["client-secret"],
    redirect_uris: values["redirect-uri"],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_post",
    id_token_signed_response_alg: "RS256",
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  // Facts in the ID token, as Google and Kakao have it, not at userinfo alone.
  conformIdTokenClaims: false,
  // What it understands of "prompt": a client that would ask for more can see that it need not.
  discovery: { prompt_values_supported: ["none", "login", "consent"] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, name) => account(name),
  jwks: { keys: [{ ...key, use: "sig", alg: "RS256", kid: "first" }] },
  pkce: { required: () => true },
});
server.on("request", provider.callback());
process.stdout.write(`${issuer}\n`);

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
// Whoever started this may be gone without a word: then its pipe ends.
if (!process.stdin.isTTY) {
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(0));
}
