"""See show-identity. Usage: show-identity.py LOCAL_CLOUD"""

import datetime
import pathlib
import sys
import tempfile

import pyotp

from local_cloud import Cloud

PASSWORD = "a lantern over the stalls"


def say(sentence):
    print(f"   {sentence}", flush=True)


def expect(is_so, what, seen=None):
    if not is_so:
        sys.exit(f"show-identity: {what}" + ("" if seen is None else f": {seen}"))


class Person:
    """Somebody with an app of ours, which keeps its tokens itself."""

    def __init__(self, cloud, name):
        self.cloud, self.name, self.address = cloud, name, f"{name}@example.com"
        self.app = None
        cloud.sign_up(self.address, name, PASSWORD)

    def post(self, path, body, token=None):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return self.cloud.answer(f"/api{path}", body, headers)

    def first_step(self):
        return self.post("/auth/sign-in", {"email": self.address, "password": PASSWORD, "session_in": "body"})

    def code(self):
        """What the authenticator app shows; its clock is that of the local cloud."""
        now = self.cloud.ask("/_local/clock")["now"]
        return self.app.at(datetime.datetime.fromisoformat(now))

    def wait(self, seconds):
        self.cloud.ask("/_local/clock", {"advance_s": seconds})

    def mailed(self):
        self.cloud.ask("/_local/quiet")
        return [mail["subject"] for mail in self.cloud.ask(f"/_local/mail?to={self.address}")["items"]]


def two_step_sign_in(mina):
    status, signed_in = mina.first_step()
    expect(status == 200, "signing in with the password", signed_in)
    say("Mina signed up with the code that was mailed to her, and signed in with her password alone.")

    token, refresh = signed_in["access_token"], signed_in["refresh_token"]
    status, started = mina.post("/me/totp", {}, token)
    expect(status == 200, "setting up the second factor", started)
    # An app reads the address from the picture; the text is for those who type.
    mina.app = pyotp.parse_uri(started["uri"])
    expect(mina.app.secret == started["secret"].replace(" ", ""), "text and address have one secret")
    expect((mina.app.issuer, mina.app.name) == ("Jangteo", mina.address), "the app shows whose it is", mina.app.name)
    expect(mina.first_step()[0] == 200, "nothing asks for a code before one has come back")
    status, enabled = mina.post("/me/totp/enable", {"code": mina.code()}, token)
    expect(status == 200 and len(enabled["recovery_codes"]) == 10, "turning it on", enabled)
    expect("Two-step sign-in is on" in mina.mailed(), "she is told by mail", mina.mailed())
    say("She turned two-step sign-in on with a code of pyotp, and got ten recovery codes and a mail.")

    expect(mina.post("/me/totp", {}, token)[0] == 401, "the token from before ends")
    status, refreshed = mina.post("/auth/refresh", {"refresh_token": refresh})
    expect(status == 200, "the device on which she did it stays signed in", refreshed)
    say("The device on which she did it stayed signed in; its old access token ended.")

    mina.wait(30)
    status, first = mina.first_step()
    expect(status == 202 and "access_token" not in first, "sign-in stops after the password", first)
    challenge, code = first["challenge"], mina.code()
    status, answer = mina.post("/auth/sign-in/totp", {"challenge": challenge, "code": f"{(int(code) + 1) % 10**6:06}"})
    expect(status == 422, "a wrong code", answer)
    status, answer = mina.post("/auth/sign-in/totp", {"challenge": challenge, "code": code})
    expect(status == 200 and answer["access_token"], "the right code", answer)
    status, again = mina.post("/auth/sign-in/totp", {"challenge": challenge, "code": code})
    expect((status, again["code"]) == (422, "auth.second_factor_wrong"), "the same code again", again)
    say("Signing in stopped after the password, and went on with the code of pyotp: once.")

    recovery = {"challenge": challenge, "recovery_code": enabled["recovery_codes"][0]}
    expect(mina.post("/auth/sign-in/totp", recovery)[0] == 200, "a recovery code")
    expect(mina.post("/auth/sign-in/totp", recovery)[0] == 422, "the same recovery code again")
    expect("A recovery code was used" in mina.mailed(), "she is told by mail", mina.mailed())
    say("A recovery code stood in for the app: once, and she got a mail.")

    token = answer["access_token"]
    expect(mina.post("/me/totp/disable", {"current_password": PASSWORD, "code": code}, token)[0] == 422, "a spent code")
    mina.wait(30)
    status, answer = mina.post("/me/totp/disable", {"current_password": PASSWORD, "code": mina.code()}, token)
    expect(status == 204, "turning it off with password and code", answer)
    expect(mina.first_step()[0] == 200, "one step again")
    say("Password and a fresh code turned it off.")


def refresh_reuse(ben):
    stolen = ben.first_step()[1]["refresh_token"]
    status, rotated = ben.post("/auth/refresh", {"refresh_token": stolen})
    expect(status == 200 and rotated["refresh_token"] != stolen, "a refresh token changes with each use", rotated)
    status, again = ben.post("/auth/refresh", {"refresh_token": stolen})
    expect((status, again["refresh_token"]) == (200, rotated["refresh_token"]), "a lost answer comes again", again)
    ben.wait(31)
    status, thief = ben.post("/auth/refresh", {"refresh_token": stolen})
    expect((status, thief["code"]) == (401, "auth.session_ended"), "a spent token", thief)
    status, owner = ben.post("/auth/refresh", {"refresh_token": rotated["refresh_token"]})
    expect((status, owner["code"]) == (401, "auth.session_ended"), "and its successor", owner)
    say("Somebody showed a copy of Ben's spent refresh token: the session ended for the thief and for him.")


def main(program):
    with tempfile.TemporaryDirectory(prefix="jangteo-identity-") as folder:
        cloud = Cloud(str(pathlib.Path(program).absolute()), folder)
        try:
            two_step_sign_in(Person(cloud, "mina"))
            refresh_reuse(Person(cloud, "ben"))
        finally:
            cloud.stop()
        bad = cloud.breaks()
    if bad:
        sys.exit("\n".join(["show-identity: a function broke:", *bad]))


if __name__ == "__main__":
    main(*sys.argv[1:])
