"""A local cloud of its own for a script: free ports, an empty data folder."""

import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request


class Cloud:
    """A local cloud with an empty data folder. What has outlived its time stays, for AWS takes days
    to delete it."""

    def __init__(self, program, folder, *more):
        self.log, self.data = pathlib.Path(folder) / "log", pathlib.Path(folder) / "data"
        # It takes free ports itself: one that we picked could be somebody else's by then.
        command = [program, "dev", "--no-ttl", "--port", "0", "--aws-port", "0", "--data", str(self.data), *more]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(3000):
            said = self.log.read_text()
            if "Ctrl-C stops it" in said:
                port = re.search(r"^ *storefront +http://localhost:(\d+)/$", said, re.MULTILINE)
                aws = re.search(r"^ *AWS endpoint +(http://\S+)$", said, re.MULTILINE)
                self.origin, self.aws = f"http://127.0.0.1:{port[1]}", aws[1]
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"the local cloud did not start:\n{self.log.read_text()}")

    def secret(self):
        """The secret of all access keys in this run."""
        return (self.data / "aws-secret").read_text()

    def answer(self, path, body=None, headers=None, method=None):
        """The status and the JSON of an answer, whatever it is."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.origin + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read() or b"null")

    def ask(self, path, body=None, headers=None):
        """The JSON of an answer that went well; the script ends with any other."""
        status, answer = self.answer(path, body, headers)
        if status >= 400:
            sys.exit(f"{path}: {status} {answer}")
        return answer

    def email_proof(self, address, purpose):
        """The proof of an address, by the code of the mail."""
        self.ask("/api/auth/email-codes", {"email": address, "purpose": purpose})
        self.ask("/_local/quiet")
        mail = self.ask(f"/_local/mail?to={address}")["items"][0]
        code = re.search(r"\b\d{6}\b", mail["text"]).group()
        proof = {"email": address, "purpose": purpose, "code": code}
        return self.ask("/api/auth/email-codes/verify", proof)["email_proof"]

    def sign_up(self, address, nickname, password):
        """Signs somebody up as people do."""
        proof = self.email_proof(address, "sign_up")
        body = {"email_proof": proof, "nickname": nickname, "password": password}
        self.ask("/api/auth/sign-up", body, {"idempotency-key": f"{nickname}-signs-up"})

    def stop(self):
        self.process.terminate()
        self.process.wait(120)

    def breaks(self):
        """What the functions themselves report as broken, whatever the client saw."""
        return [line for line in self.log.read_text().splitlines() if re.match(r"5\d\d ", line)]
