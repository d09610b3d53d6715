"""See fuzz-api. Usage: fuzz-api.py LOCAL_CLOUD SCHEMATHESIS OPENAPI"""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from local_cloud import Cloud

SEED = os.environ.get("JANGTEO_SEED", "1")
EXAMPLES = os.environ.get("JANGTEO_EXAMPLES", "50")
# For both runs, which go at the same time, each against a cloud of its own. A guard against hanging,
# not a measure: they take two or three minutes on a quiet machine.
SECONDS_MAX = 900
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


def begin(program, document, cloud, folder, token):
    command = [
        program, "run", document, "--url", f"{cloud.origin}/api", "--checks", CHECKS, "--seed", SEED,
        "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing",
        "--generation-database", "none", "--continue-on-failure", "--warnings", "off", "--no-color",
        # Python counts the depth of a parse for all threads together (python/cpython issue 106905), so a
        # second thread breaks a run now and then. The two runs are two processes in any case.
        "--workers", "1",
    ]
    if token:
        command += ["--header", f"Authorization:Bearer {token}"]
    hooks = pathlib.Path(__file__).parent
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_api_hooks", "PYTHONPATH": str(hooks), "PYTHONDONTWRITEBYTECODE": "1"}
    with (pathlib.Path(folder) / "report").open("w") as report:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=report, stderr=subprocess.STDOUT)


def end(run, folder, deadline):
    """What is wrong with the run, if anything. Prints its report, whole."""
    try:
        status = run.wait(max(0, deadline - time.monotonic()))
        wrong = None if status == 0 else "see above"
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
        wrong = f"not done in {SECONDS_MAX} s"
    print((pathlib.Path(folder) / "report").read_text(), flush=True)
    return wrong


def main(program, schemathesis, document):
    program, schemathesis, document = (str(pathlib.Path(path).absolute()) for path in (program, schemathesis, document))
    bad = []
    with contextlib.ExitStack() as stack:
        runs = []
        print("as nobody and as a member, at once; the reports come at the end", flush=True)
        for who, token_in in (("nobody", None), ("a member", member)):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="jangteo-fuzz-"))
            cloud = Cloud(program, folder, "--demo")
            stack.callback(cloud.stop)
            token = token_in(cloud) if token_in else None
            run = begin(schemathesis, document, cloud, folder, token)
            stack.callback(run.kill)
            runs.append((who, cloud, folder, run))
        deadline = time.monotonic() + SECONDS_MAX
        for who, cloud, folder, run in runs:
            print(f"== as {who}", flush=True)
            if wrong := end(run, folder, deadline):
                bad.append(f"as {who}: {wrong}")
            bad += cloud.breaks()
    if bad:
        sys.exit("\n".join(["the API is not as its document says:", *bad]))


if __name__ == "__main__":
    main(*sys.argv[1:])
