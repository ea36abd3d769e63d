"""
Operations of the unmodified DIRAC client, told line by line: one JSON object in, one out.

In: {"through": "element" | "plugin" | "gateway", "element": name, "client": {...}, "method": name, "arguments": [...], "options": {...}}.
"client" is what the client of the gateway is constructed with.
Out: DIRAC's own return structure ({"OK": true, "Value": ...} or {"OK": false, "Errno": ..., "Message": ...}), or {"exception": text}.
"""
import json
import os
import sys

answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # DIRAC logs to the standard output

import DIRAC  # noqa: E402

DIRAC.initialize(require_auth="--stranger" not in sys.argv)

from DIRAC.DataManagementSystem.Client.S3GatewayClient import S3GatewayClient  # noqa: E402
from DIRAC.Resources.Storage.StorageElement import StorageElement  # noqa: E402


def receiver(question):
    if question["through"] == "gateway":
        return S3GatewayClient(**question["client"])
    element = StorageElement(question["element"])
    return element if question["through"] == "element" else element.storages["S3"]


def answer(question):
    try:
        result = getattr(receiver(question), question["method"])(*question["arguments"], **question["options"])
    except Exception as error:  # pylint: disable=broad-except
        return {"exception": repr(error)}
    return {key: result[key] for key in ("OK", "Value", "Errno", "Message") if key in result}


def say(result):
    answers.write(json.dumps(result, default=str) + "\n")
    answers.flush()


say({"ready": DIRAC.version, "pid": os.getpid()})
for line in sys.stdin:
    say(answer(json.loads(line)))
