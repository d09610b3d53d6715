"""What scripts/rotate-access-token-key decides. Reads JSON documents from standard input, one after
the other: the parameters, and what came after them. Writes what is to be stored, or ends with a reason."""

import datetime
import json
import sys


def refuse(reason):
    sys.exit(f"error: {reason}")


def documents():
    """Every JSON document of the input."""
    text, found = sys.stdin.read(), []
    decoder = json.JSONDecoder()
    while text := text.strip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


class State:
    """What the parameter store has."""

    def __init__(self, document, prefix):
        values = {one["Name"].removeprefix(prefix): one["Value"] for one in document["Parameters"]}
        if "access-token-keys" not in values:
            refuse(f"{prefix}access-token-keys is not there: run scripts/make-secrets first")
        self.keys = json.loads(values["access-token-keys"])["keys"]
        self.next = json.loads(values["access-token-key-next"]) if "access-token-key-next" in values else None

    def next_key(self):
        return json.loads(self.next["public_keys"])["keys"][0]

    def others(self):
        """The keys besides the next one."""
        return [key for key in self.keys if key["kid"] != self.next_key()["kid"]]

    def step(self):
        if self.next is not None and len(self.keys) > len(self.others()):
            return "switch"
        return "publish" if len(self.keys) == 1 else "retire"


def expect(state, step):
    if state.step() != step:
        refuse(f"the next step is --{state.step()}, not --{step}")


def write_keys(keys):
    sys.stdout.write(json.dumps({"keys": keys}, separators=(",", ":")))


def expect_deployed(state, stacks, wait_s, first):
    """The stack has these keys, that one first, for long enough."""
    stack = stacks["Stacks"][0]
    deployed = next((one for one in stack["Parameters"] if one["ParameterKey"] == "AccessTokenKeys"), {})
    keys = [key["kid"] for key in json.loads(deployed.get("ResolvedValue", '{"keys": []}'))["keys"]]
    if set(keys) != {key["kid"] for key in state.keys} or (first is not None and keys[0] != first):
        refuse("the step before is not deployed yet: run scripts/deploy, and wait for 15 minutes")
    if not stack["StackStatus"].endswith("_COMPLETE") or "ROLLBACK" in stack["StackStatus"]:
        refuse(f"the stack is {stack['StackStatus']}: deploy it first")
    since = datetime.datetime.fromisoformat(stack.get("LastUpdatedTime", stack["CreationTime"]))
    left = wait_s - int((datetime.datetime.now(datetime.UTC) - since).total_seconds())
    if left > 0:
        refuse(f"too early: somebody may still have the keys of before. Try again in {left} seconds")


def main(command, *arguments):
    if command == "put":
        name, kind = arguments
        print(json.dumps({"Name": name, "Type": kind, "Value": sys.stdin.read(), "Overwrite": True}))
        return
    parameters, *more = documents()
    state = State(parameters, arguments[0])
    match command:
        case "next":
            print(f"{len(state.keys)} public keys; the next step is --{state.step()}")
        case "may-publish":
            expect(state, "publish")
        case "published":
            write_keys([*state.keys, *json.loads(more[0]["public_keys"])["keys"]])
        case "may-switch":
            expect(state, "switch")
            # A run that broke off has put the next key first already.
            if state.keys[0]["kid"] != state.next_key()["kid"]:
                expect_deployed(state, more[0], int(arguments[1]), None)
        case "private":
            sys.stdout.write(state.next["private_key"])
        case "switched":
            write_keys([state.next_key(), *state.others()])
        case "may-retire":
            expect(state, "retire")
            expect_deployed(state, more[0], int(arguments[1]), state.keys[0]["kid"])
        case "retired":
            write_keys(state.keys[:1])


main(*sys.argv[1:])
