"""See show-identity. Usage: show-identity.py LOCAL_CLOUD LOGIN_PROVIDER"""

import datetime
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import urllib.parse

import boto3
import pyotp
import requests

from local_cloud import Cloud
from small_picture import png

PASSWORD = "a lantern over the stalls"
CLIENT_ID = "local-jangteo.apps.googleusercontent.com"
DAY = 86_400


def say(sentence):
    print(f"   {sentence}", flush=True)


def expect(is_so, what, seen=None):
    if not is_so:
        sys.exit(f"show-identity: {what}" + ("" if seen is None else f": {seen}"))


class Person:
    """Somebody with an app of ours, which keeps its tokens itself."""

    def __init__(self, cloud, address):
        self.cloud, self.address = cloud, address
        self.token = None
        self.authenticator = None

    @classmethod
    def who_signs_up(cls, cloud, name):
        person = cls(cloud, f"{name}@example.com")
        cloud.sign_up(person.address, name, PASSWORD)
        return person

    def call(self, method, path, body=None, **headers):
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        return self.cloud.answer(f"/api{path}", body, headers, method)

    def post(self, path, body, **headers):
        return self.call("POST", path, body, **headers)

    def do(self, method, path, body=None, **headers):
        """An answer that went well."""
        status, answer = self.call(method, path, body, **headers)
        expect(status < 400, f"{method} {path}", (status, answer))
        return answer

    def first_step(self):
        body = {"email": self.address, "password": PASSWORD, "session_in": "body"}
        return self.cloud.answer("/api/auth/sign-in", body)

    def sign_in(self):
        status, answer = self.first_step()
        expect(status == 200, "signing in with the password", answer)
        self.token = answer["access_token"]
        return answer

    def code(self):
        """What the authenticator app shows; its clock is that of the local cloud."""
        now = self.cloud.ask("/_local/clock")["now"]
        return self.authenticator.at(datetime.datetime.fromisoformat(now))

    def mailed(self):
        self.cloud.ask("/_local/quiet")
        return [mail["subject"] for mail in self.cloud.ask(f"/_local/mail?to={self.address}")["items"]]


def wait(cloud, seconds):
    cloud.ask("/_local/clock", {"advance_s": seconds})


class Operator:
    """What whoever runs the cloud sees of it, by AWS's own SDK."""

    def __init__(self, cloud):
        def client(service):
            return boto3.client(service, endpoint_url=cloud.aws, region_name="ap-northeast-2",
                                aws_access_key_id="Operator", aws_secret_access_key=cloud.secret())
        self.database, self.objects, self.parameters = client("dynamodb"), client("s3"), client("ssm")

    def secret(self, name):
        answer = self.parameters.get_parameter(Name=f"/jangteo/local/{name}", WithDecryption=True)
        return answer["Parameter"]["Value"]

    def items(self):
        pages = self.database.get_paginator("scan").paginate(TableName="jangteo-local", ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def keys(self):
        buckets = [bucket["Name"] for bucket in self.objects.list_buckets()["Buckets"]]
        pages = [page for name in buckets for page in self.objects.get_paginator("list_objects_v2").paginate(Bucket=name)]
        return {one["Key"] for page in pages for one in page.get("Contents", [])}


class CertifiedProvider:
    """The npm package oidc-provider in Google's place, at the machine's time. The cloud must be told its
    address, and it the cloud's: so its socket is opened here, and handed over when it starts."""

    def __init__(self, launcher):
        self.launcher, self.process = launcher, None
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.issuer = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def start(self, cloud, operator):
        origin = cloud.origin.replace("127.0.0.1", "localhost")
        command = [self.launcher, "--fd", str(self.socket.fileno()), "--client-id", CLIENT_ID,
                   "--client-secret", operator.secret("google-client-secret"),
                   "--redirect-uri", f"{origin}/api/auth/oauth/google/callback"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        pass_fds=[self.socket.fileno()], text=True)
        self.socket.close()
        expect(self.process.stdout.readline().strip() == self.issuer, "the provider starts")

    def go_through(self, address, name):
        """The forms that a person fills in there; gives the address that leads back."""
        done = subprocess.run([self.launcher, "--drive", address, name], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait(60)


def by_provider(cloud, provider, address):
    """A browser goes to the provider and comes back; gives where it ends, and its cookie."""
    begun = requests.get(f"{cloud.origin}/api/auth/oauth/google/start", allow_redirects=False, timeout=60)
    expect(begun.status_code == 303, "the browser is sent to the provider", begun.text)
    cookie = begun.headers["set-cookie"].split(";")[0]
    back = urllib.parse.urlsplit(provider.go_through(begun.headers["location"], address))
    ended = requests.get(f"{cloud.origin}{back.path}?{back.query}", headers={"cookie": cookie}, allow_redirects=False, timeout=60)
    expect(ended.status_code == 303, "the browser is sent on", ended.text)
    return ended, cookie


def social_login(cloud, provider):
    jia = Person(cloud, "seojia@example.net")
    ended, cookie = by_provider(cloud, provider, jia.address)
    told = urllib.parse.parse_qs(urllib.parse.urlsplit(ended.headers["location"]).fragment)
    expect(told.get("email") == [jia.address], "the page for the nickname", ended.headers["location"])
    cookie = ended.headers.get("set-cookie", cookie).split(";")[0]
    body = {"completion": told["completion"][0], "nickname": "seojia", "session_in": "body"}
    status, answer = jia.post("/auth/oauth/complete", body, **{"cookie": cookie, "sec-fetch-site": "same-origin"})
    expect(status == 200 and answer["user"]["email"] == jia.address, "the account is made", answer)
    jia.token = answer["access_token"]
    ended, _ = by_provider(cloud, provider, jia.address)
    expect("__Host-refresh=" in ended.headers["set-cookie"], "she is signed in", dict(ended.headers))
    say("Jia signed up by a certified OpenID provider, without a password, and signed in by it again.")
    status, answer = jia.post("/me/password", {"password": PASSWORD, "current_password": "a guess"})
    expect((status, answer["code"]) == (422, "auth.fresh_proof_needed"), "her session alone sets no password", answer)
    proof = cloud.email_proof(jia.address, "confirm")
    jia.do("POST", "/me/password", {"password": PASSWORD, "email_proof": proof})
    jia.sign_in()
    say("She set a first password by a code to her address, and signed in with it.")
    return jia


def two_step_sign_in(cloud):
    mina = Person.who_signs_up(cloud, "mina")
    refresh = mina.sign_in()["refresh_token"]
    say("Mina signed up with the code that was mailed to her, and signed in with her password alone.")

    status, answer = mina.post("/me/totp", {"current_password": "a guess"})
    expect((status, answer["code"]) == (422, "auth.password_wrong"), "an open session is not enough", answer)
    started = mina.do("POST", "/me/totp", {"current_password": PASSWORD})
    # An app reads the address from the picture; the text is for those who type.
    mina.authenticator = pyotp.parse_uri(started["uri"])
    expect(mina.authenticator.secret == started["secret"].replace(" ", ""), "text and address have one secret")
    expect((mina.authenticator.issuer, mina.authenticator.name) == ("Jangteo", mina.address), "the app shows whose it is")
    expect(mina.first_step()[0] == 200, "nothing asks for a code before one has come back")
    enabled = mina.do("POST", "/me/totp/enable", {"code": mina.code()})
    expect(len(enabled["recovery_codes"]) == 10, "turning it on", enabled)
    expect("Two-step sign-in is on" in mina.mailed(), "she is told by mail", mina.mailed())
    say("She turned two-step sign-in on with a code of pyotp, and got ten recovery codes and a mail.")

    expect(mina.call("GET", "/me")[0] == 401, "the token from before ends")
    status, refreshed = mina.post("/auth/refresh", {"refresh_token": refresh})
    expect(status == 200, "the device on which she did it stays signed in", refreshed)
    say("The device on which she did it stayed signed in; its old access token ended.")

    wait(cloud, 30)
    status, first = mina.first_step()
    expect(status == 202 and "access_token" not in first, "sign-in stops after the password", first)
    challenge, code = first["challenge"], mina.code()
    status, answer = mina.post("/auth/sign-in/totp", {"challenge": challenge, "code": f"{(int(code) + 1) % 10**6:06}"})
    expect(status == 422, "a wrong code", answer)
    status, answer = mina.post("/auth/sign-in/totp", {"challenge": challenge, "code": code})
    expect(status == 200 and answer["access_token"], "the right code", answer)
    mina.token = answer["access_token"]
    status, again = mina.post("/auth/sign-in/totp", {"challenge": challenge, "code": code})
    expect((status, again["code"]) == (422, "auth.second_factor_wrong"), "the same code again", again)
    say("Signing in stopped after the password, and went on with the code of pyotp: once.")

    recovery = {"challenge": challenge, "recovery_code": enabled["recovery_codes"][0]}
    expect(mina.post("/auth/sign-in/totp", recovery)[0] == 200, "a recovery code")
    expect(mina.post("/auth/sign-in/totp", recovery)[0] == 422, "the same recovery code again")
    expect("A recovery code was used" in mina.mailed(), "she is told by mail", mina.mailed())
    say("A recovery code stood in for the app: once, and she got a mail.")

    expect(mina.post("/me/totp/disable", {"current_password": PASSWORD, "code": code})[0] == 422, "a spent code")
    status, answer = mina.call("DELETE", "/me", {"current_password": PASSWORD})
    expect((status, answer["code"]) == (422, "auth.second_factor_needed"), "a password alone withdraws nobody", answer)
    wait(cloud, 30)
    mina.do("POST", "/me/totp/disable", {"current_password": PASSWORD, "code": mina.code()})
    expect(mina.first_step()[0] == 200, "one step again")
    say("Password and a fresh code turned it off; the password alone did not even let her withdraw.")


def refresh_reuse(cloud):
    ben = Person.who_signs_up(cloud, "ben")
    stolen = ben.sign_in()["refresh_token"]
    status, rotated = ben.post("/auth/refresh", {"refresh_token": stolen})
    expect(status == 200 and rotated["refresh_token"] != stolen, "a refresh token changes with each use", rotated)
    status, again = ben.post("/auth/refresh", {"refresh_token": stolen})
    expect((status, again["refresh_token"]) == (200, rotated["refresh_token"]), "a lost answer comes again", again)
    wait(cloud, 31)
    status, thief = ben.post("/auth/refresh", {"refresh_token": stolen})
    expect((status, thief["code"]) == (401, "auth.session_ended"), "a spent token", thief)
    status, owner = ben.post("/auth/refresh", {"refresh_token": rotated["refresh_token"]})
    expect((status, owner["code"]) == (401, "auth.session_ended"), "and its successor", owner)
    say("Somebody showed a copy of Ben's spent refresh token: the session ended for the thief and for him.")


# What nobody but Jia says of themselves.
MARKS = ["seojia", "Seo Jia", "01024681357", "Nuri-ro", "37.497942"]
SHIPPING = {"name": "Seo Jia", "phone": "010-2468-1357", "postcode": "06236", "address": "7 Nuri-ro", "address_detail": None,
            "memo": "Ask for Seo Jia."}


def upload(person, purpose):
    picture = png(400, 400)
    ask = {"purpose": purpose, "content_type": "image/png", "size_bytes": len(picture)}
    grant = person.do("POST", "/media/uploads", ask, **{"idempotency-key": f"upload-{purpose}"})
    put = requests.put(grant["upload"]["url"], data=picture, headers=grant["upload"]["headers"], timeout=60)
    expect(put.status_code == 200, "the upload", put.text)
    person.cloud.ask("/_local/quiet")
    media = person.do("GET", f"/media/{grant['media_id']}")
    expect(media["state"] == "ready", "the picture is ready", media)
    return grant["media_id"]


def furnish(jia):
    """All that a person can say of themselves."""
    picture = upload(jia, "profile")
    jia.do("PATCH", "/me", {"picture": picture})
    place = {"coordinates": {"latitude": "37.497942", "longitude": "127.027621"}, "area": {"city": "Nuri-ro", "district": None}}
    jia.do("PUT", "/me/location", {"location": place})
    jia.do("POST", "/me/addresses", {"shipping": SHIPPING, "is_default": True}, **{"idempotency-key": "address"})
    listing = {"kind": "sell", "title": "Lamp of seojia", "description": "From Nuri-ro.", "category_id": "lighting",
               "options": [], "variants": [{"option_values": [], "price": {"amount": 9_000, "currency": "KRW"}, "stock": 2}],
               "pictures": [upload(jia, "listing")]}
    jia.do("POST", "/listings", listing, **{"idempotency-key": "listing"})


def buy(jia):
    """Something of the demo's shops, paid in the simulator's window."""
    card = jia.do("GET", "/listings?category_id=lighting")["items"][-1]
    listing = jia.do("GET", f"/listings/{card['id']}")
    variant = next(variant for variant in listing["variants"] if variant["available"] > 0)
    cart = {"lines": [{"listing_id": listing["id"], "variant_id": variant["id"], "quantity": 1}],
            "contact": {"name": "Seo Jia", "phone": "010-2468-1357", "email": jia.address}, "shipping": SHIPPING}
    placed = jia.do("POST", "/checkouts", cart, **{"idempotency-key": "checkout"})
    window = requests.get(placed["payment"]["window_url"].replace("localhost", "127.0.0.1"), timeout=60).text
    payment_key = re.search(r'name="payment_key" value="([^"]+)"', window).group(1)
    choice = {"payment_key": payment_key, "choice": "approve"}
    back = requests.post(f"{jia.cloud.origin}/_local/toss/window/authenticate", data=choice, allow_redirects=False, timeout=60)
    expect(back.status_code == 303, "the payment window", back.text)
    confirm = {"checkout_id": placed["checkout"]["id"], "payment_key": payment_key, "amount": placed["payment"]["amount"]}
    paid = jia.do("POST", "/payments/confirm", confirm, **{"idempotency-key": "confirm"})
    expect(paid["payment_state"] == "paid", "the payment", paid)


def traces(operator):
    def is_hers(text):
        return any(mark in text for mark in MARKS)
    items = [item for item in operator.items() if is_hers(str(item))]
    return sorted({item["kind"]["S"] for item in items})


def withdrawal(cloud, operator, jia):
    pictures = operator.keys()
    jia.sign_in()
    furnish(jia)
    buy(jia)
    books = cloud.ask("/_local/ledger")
    expect(books["postings"] and books["balanced"], "the books balance", books["totals"])
    there = traces(operator)
    expect({"address", "email_owner", "listing", "login", "nickname_owner", "order", "user"} <= set(there), "she is there", there)
    expect(operator.keys() > pictures, "her pictures are there")
    status, answer = jia.call("DELETE", "/me", {"current_password": PASSWORD})
    expect((status, answer["code"]) == (409, "users.withdrawal_hindered"), "a purchase is under way", answer)
    say("Jia gave pictures, a place and an address, offered a lamp, and bought and paid another: that holds her back.")

    wait(cloud, 30 * DAY)
    jia.sign_in()
    planned = jia.do("DELETE", "/me", {"current_password": PASSWORD})
    expect(jia.call("GET", "/me")[0] == 401, "she is signed out")
    say(f"Thirty days later she withdrew with her password, to be erased at {planned['erase_at']}.")
    wait(cloud, 7 * DAY)
    wait(cloud, DAY)
    cloud.ask("/_local/quiet")
    expect(traces(operator) == [], "nothing of her is in the table", traces(operator))
    expect(operator.keys() == pictures, "no picture of hers is left", operator.keys() - pictures)
    after = cloud.ask("/_local/ledger")
    expect(after == books, "the books are untouched", after["totals"])
    expect(jia.first_step()[0] == 401, "she cannot sign in")
    say("Seven days later AWS's own SDK found nothing of her in the table and no picture of hers; the books balance, unchanged.")


def main(program, launcher):
    provider = CertifiedProvider(launcher)
    with tempfile.TemporaryDirectory(prefix="jangteo-identity-") as folder:
        cloud = Cloud(str(pathlib.Path(program).absolute()), folder, "--demo", "--google-issuer", provider.issuer)
        try:
            operator = Operator(cloud)
            provider.start(cloud, operator)
            # First, for the provider's clock stays where it is.
            jia = social_login(cloud, provider)
            two_step_sign_in(cloud)
            refresh_reuse(cloud)
            withdrawal(cloud, operator, jia)
        finally:
            provider.stop()
            cloud.stop()
        bad = cloud.breaks()
    if bad:
        sys.exit("\n".join(["show-identity: a function broke:", *bad]))


if __name__ == "__main__":
    main(*sys.argv[1:])
