// The ways to begin a session.

import { anyone, take } from "../api/client";
import type { components, operations } from "../api/schema";
import { startSession } from "./session";

export type SecondFactorNeeded = components["schemas"]["SecondFactorNeeded"];
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
