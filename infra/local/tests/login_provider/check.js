// A whole login against the certified provider, by hand: that it starts, that its forms can be gone
// through without a browser, and that it gives what a site needs. `scripts/lib/login-provider --check`.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("../../../../scripts/lib/login-provider", import.meta.url));
const redirectUri = "http://shop.test/api/auth/oauth/google/callback";
const client = { client_id: "jangteo", client_secret: "the-secret-of-the-certified-provider" };
let running;
let metadata;

before(async () => {
  running = spawn(program, ["--redirect-uri", redirectUri], { stdio: ["pipe", "pipe", "ignore"] });
  const [issuer] = await new Promise((resolve) => createInterface(running.stdout).once("line", (line) => resolve([line])));
  metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  assert.equal(metadata.issuer, issuer);
});

after(() => running.kill());

function login(verifier, changes = {}) {
  const parameters = new URLSearchParams({
    client_id: client.client_id, redirect_uri: redirectUri, response_type: "code", scope: "openid email profile",
    state: "a state", nonce: "a nonce", code_challenge_method: "S256",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"), ...changes,
  });
  return `${metadata.authorization_endpoint}?${parameters}`;
}

async function drive(address, name) {
  const { stdout } = await promisify(execFile)(program, ["--drive", address, name]);
  return new URL(stdout.trim());
}

async function exchange(code, verifier) {
  const form = { ...client, grant_type: "authorization_code", redirect_uri: redirectUri, code, code_verifier: verifier };
  const response = await fetch(metadata.token_endpoint, { method: "POST", body: new URLSearchParams(form) });
  return [response.status, await response.json()];
}

test("a login ends with a signed token, and its code is good once", async () => {
  const verifier = randomBytes(32).toString("base64url");
  const back = await drive(login(verifier), "mina@example.com");
  assert.equal(back.href.split("?")[0], redirectUri);
  assert.equal(back.searchParams.get("state"), "a state");
  assert.deepEqual((await exchange(back.searchParams.get("code"), "x".repeat(43)))[0], 400);
  const again = await drive(login(verifier), "mina@example.com");
  const [status, tokens] = await exchange(again.searchParams.get("code"), verifier);
  assert.equal(status, 200, JSON.stringify(tokens));
  const [head, body, signature] = tokens.id_token.split(".");
  const read = (part) => JSON.parse(Buffer.from(part, "base64url"));
  assert.equal(read(head).alg, "RS256");
  const { keys } = await (await fetch(metadata.jwks_uri)).json();
  const key = createPublicKey({ key: keys.find(({ kid }) => kid === read(head).kid), format: "jwk" });
  assert.ok(verify("RSA-SHA256", `${head}.${body}`, key, Buffer.from(signature, "base64url")));
  const { iss, aud, sub, nonce, email, email_verified: verified } = read(body);
  assert.deepEqual({ iss, aud, sub, nonce, email, verified }, {
    iss: metadata.issuer, aud: "jangteo", sub: "mina@example.com", nonce: "a nonce", email: "mina@example.com", verified: true,
  });
  assert.equal((await exchange(again.searchParams.get("code"), verifier))[1].error, "invalid_grant");
});

test("whoever says no comes back with access_denied", async () => {
  const back = await drive(login("v".repeat(43)), "cancel");
  assert.equal(back.searchParams.get("error"), "access_denied");
});

test("a login without PKCE is refused", async () => {
  const parameters = new URL(login("v".repeat(43)));
  parameters.searchParams.delete("code_challenge");
  parameters.searchParams.delete("code_challenge_method");
  const response = await fetch(parameters, { redirect: "manual" });
  assert.equal(new URL(response.headers.get("location")).searchParams.get("error"), "invalid_request");
});
