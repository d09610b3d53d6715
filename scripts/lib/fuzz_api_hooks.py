"""What schemathesis does not send; see fuzz-api."""

import requests
import schemathesis

# API Gateway itself refuses more than 10,240 bytes of request line and headers, with a 431 that no
# function gives and no operation documents. infra/local/tests/local_cloud has a test of it.
HEAD_MAX = 9_000


@schemathesis.hook
def filter_case(context, case):
    prepared = case.as_transport_kwargs()
    request = requests.Request(
        prepared["method"], prepared["url"], params=prepared.get("params"), cookies=prepared.get("cookies")
    ).prepare()
    headers = sum(len(str(name)) + len(str(value)) + 4 for name, value in dict(prepared.get("headers") or {}).items())
    return len(request.url) + headers < HEAD_MAX
