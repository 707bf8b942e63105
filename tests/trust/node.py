"""Our scripts and their libraries in node: the same code that browsers run, without a browser."""

import json
import subprocess
import tempfile
from pathlib import Path

from tests.processes import ROOT


def run_node(source, given=None):
    """Run a module that may import our scripts (`./static/src/lib/…`) and npm packages; answers what it passes to `answer`.

    `given` is JSON the module finds under that name.
    """
    head = "import { readFileSync } from 'node:fs'; const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));"
    tail = "function answer(found) { process.stdout.write(JSON.stringify(found)); }"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "given.json").write_text(json.dumps(given))
        command = [
            ROOT / "node_modules/.bin/esbuild",
            "--bundle",
            "--format=esm",
            "--external:node:*",
            f"--outfile={folder / 'run.mjs'}",
            "--log-level=error",
        ]
        subprocess.run(command, cwd=ROOT, check=True, input=f"{head}{source}\n{tail}".encode())
        done = subprocess.run(["node", folder / "run.mjs", folder / "given.json"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
