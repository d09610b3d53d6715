"""See fuzz-api. Usage: fuzz-api.py LOCAL_CLOUD SCHEMATHESIS OPENAPI"""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

SEED = os.environ.get("JANGTEO_SEED", "1")
EXAMPLES = os.environ.get("JANGTEO_EXAMPLES", "50")
# For each of the two runs.
SECONDS_MAX = 85
PASSWORD = "a lantern over the stalls"
# What is asked of every answer. Left out: `positive_data_acceptance` and the checks of sequences,
# since most requests name things that do not exist; and `unsupported_method`, since API Gateway
# answers 404 where it wants 405 (the sweep in infra/local/tests/every_endpoint looks at methods).
CHECKS = ",".join([
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "ignored_auth",
])


def free_ports():
    """Two ports that are free at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Cloud:
    """A local cloud with an empty data folder."""

    def __init__(self, program, folder):
        port, aws_port = free_ports()
        self.origin = f"http://127.0.0.1:{port}"
        self.log = pathlib.Path(folder) / "log"
        command = [program, "dev", "--port", str(port), "--aws-port", str(aws_port), "--data", f"{folder}/data", "--demo"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(600):
            if "Ctrl-C stops it" in self.log.read_text():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"the local cloud did not start:\n{self.log.read_text()}")

    def ask(self, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **(headers or {})}
        with urllib.request.urlopen(urllib.request.Request(self.origin + path, data, headers)) as answer:
            return json.load(answer)

    def member(self):
        """Signs somebody up as people do, and gives the way to a fresh token of theirs."""
        address = "fuzzer@shop.test"
        self.ask("/api/auth/email-codes", {"email": address, "purpose": "sign_up"})
        code = None
        while code is None:
            mails = self.ask(f"/_local/mail?to={address}")["items"]
            code = re.search(r"\b\d{6}\b", mails[0]["text"]) if mails else None
            time.sleep(0.05)
        proof = {"email": address, "purpose": "sign_up", "code": code.group()}
        proof = self.ask("/api/auth/email-codes/verify", proof)["email_proof"]
        body = {"email_proof": proof, "nickname": "fuzzer", "password": PASSWORD}
        self.ask("/api/auth/sign-up", body, {"idempotency-key": "the-fuzzer-signs-up"})
        answer = self.ask("/api/auth/sign-in", {"email": address, "password": PASSWORD})
        return answer["access_token"]

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def breaks(self):
        """What the functions themselves report as broken, whatever the client saw."""
        return [line for line in self.log.read_text().splitlines() if re.match(r"5\d\d ", line)]


def fuzz(program, document, cloud, folder, token):
    command = [
        program, "run", document, "--url", f"{cloud.origin}/api", "--checks", CHECKS, "--seed", SEED,
        "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing",
        "--generation-database", "none", "--continue-on-failure", "--warnings", "off", "--workers", "2",
        "--no-color",
    ]
    if token:
        command += ["--header", f"Authorization:Bearer {token}"]
    hooks = pathlib.Path(__file__).parent
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_api_hooks", "PYTHONPATH": str(hooks), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(command, cwd=folder, env=environment, check=False, timeout=SECONDS_MAX).returncode
    except subprocess.TimeoutExpired:
        print(f"not done in {SECONDS_MAX} s", flush=True)
        return 1


def main(program, schemathesis, document):
    program, schemathesis, document = (str(pathlib.Path(path).absolute()) for path in (program, schemathesis, document))
    bad = []
    with tempfile.TemporaryDirectory(prefix="jangteo-fuzz-") as folder:
        cloud = Cloud(program, folder)
        try:
            for who, token in (("nobody", None), ("a member", cloud.member())):
                print(f"== as {who}", flush=True)
                began = time.monotonic()
                if fuzz(schemathesis, document, cloud, folder, token) != 0:
                    bad.append(f"as {who}: see above")
                print(f"-- as {who}: {time.monotonic() - began:.0f} s", flush=True)
        finally:
            cloud.stop()
        bad += cloud.breaks()
    if bad:
        sys.exit("\n".join(["the API is not as its document says:", *bad]))


if __name__ == "__main__":
    main(*sys.argv[1:])
