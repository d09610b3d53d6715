"""See fuzz-api. Usage: fuzz-api.py LOCAL_CLOUD SCHEMATHESIS OPENAPI"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

from local_cloud import Cloud

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


def member(cloud):
    """A token of somebody who has just signed up."""
    cloud.sign_up("fuzzer@shop.test", "fuzzer", PASSWORD)
    return cloud.ask("/api/auth/sign-in", {"email": "fuzzer@shop.test", "password": PASSWORD})["access_token"]


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
        cloud = Cloud(program, folder, "--demo")
        try:
            for who, token in (("nobody", None), ("a member", member(cloud))):
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
