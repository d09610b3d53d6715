// The ways to begin a session.

import { anyone, take } from "../api/client";
import type { components, operations } from "../api/schema";
import { startSession } from "./session";

export type SecondFactorNeeded = components["schemas"]["SecondFactorNeeded"];
type CompleteLoginBody = operations["auth.complete_oauth"]["requestBody"]["content"]["application/json"];
type SignInBody = operations["auth.sign_in"]["requestBody"]["content"]["application/json"];

function begin(answer: components["schemas"]["SignInAnswer"]): SecondFactorNeeded | null {
  if ("challenge" in answer) return answer;
  startSession(answer);
  return null;
}

/** Signs in. Gives null when that is all, or what the second step needs. */
export async function signIn(body: SignInBody): Promise<SecondFactorNeeded | null> {
  return begin(await take(anyone.POST("/auth/sign-in", { body })));
}

/** The second step, by a code of the app or a recovery code. */
export async function signInWithSecondFactor(challenge: string, proof: { code: string } | { recovery_code: string }): Promise<void> {
  startSession(await take(anyone.POST("/auth/sign-in/totp", { body: { challenge, ...proof } })));
}

/** Makes an account for a login at a provider, or links it to one, and signs in; gives what signIn gives. */
export async function completeLogin(body: CompleteLoginBody): Promise<SecondFactorNeeded | null> {
  return begin(await take(anyone.POST("/auth/oauth/complete", { body })));
}
