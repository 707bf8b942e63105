"""Container health: the site answers, and the part named (sequencer, queue) is reported well. Standard library only."""

import json
import os
import sys
import urllib.request

request = urllib.request.Request(f"http://{os.environ.get('ETP_WEB', '127.0.0.1:8000')}/healthz", headers={"Host": "localhost"})  # noqa: S310
with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - our own address; an error status raises
    found = json.load(response)
sys.exit(any(found.get(part) != "ok" for part in sys.argv[1:]))
