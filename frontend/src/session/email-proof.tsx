// That a person reads the mails of an account's address: a field for the code that was sent there, and the
// proof that it earns.

import { useMemo } from "preact/hooks";

import { anyone, take } from "../api/client";
import { ApiError, ShownError } from "../api/problem";
import { errorText } from "../kit/texts";
import { t } from "../texts/texts";
import { CodeField, checkCode, codeOf } from "./code-steps";
import { Mailbox } from "./mailbox";

const PURPOSE = "confirm";
const FIELD = "email_code";

/** Sends a code to the address, unless one was sent a moment ago, which holds. Throws when it may not. */
export async function sendProofCode(email: string): Promise<void> {
  try {
    await take(anyone.POST("/auth/email-codes", { body: { email, purpose: PURPOSE } }));
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "auth.code_too_soon") throw error;
  }
}

/** Gives the proof for the code in a form. A code is good once, its proof until what it is for was done. */
export function useEmailProof(email: string): (form: HTMLFormElement) => Promise<string> {
  return useMemo(() => {
    let proved: { code: string; proof: string } | null = null;
    return async (form) => {
      const code = codeOf(form, FIELD);
      if (proved?.code !== code) proved = { code, proof: await prove(email, code) };
      return proved.proof;
    };
  }, [email]);
}

async function prove(email: string, typed: string): Promise<string> {
  try {
    const answer = await take(anyone.POST("/auth/email-codes/verify", { body: { email, purpose: PURPOSE, code: typed } }));
    return answer.email_proof;
  } catch (error) {
    // Its field is called otherwise here, for it may stand beside that of an app's code.
    const code = error instanceof ApiError ? error.code : "unexpected";
    throw new ShownError(errorText(error), [{ pointer: `/${FIELD}`, code, detail: errorText(error) }]);
  }
}

/** That its code has six digits. */
export const checkEmailProof = (form: HTMLFormElement) => checkCode(form, FIELD);

export function EmailProofField({ email }: { email: string }) {
  return (
    <>
      <p role="status">{t("code.sent", { email })}</p>
      <CodeField name={FIELD} id="proof-code" />
      <Mailbox />
    </>
  );
}
