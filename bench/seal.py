"""Sealing in real Chromium, megabytes per second and the renderer's memory, against sha256sum of the same bytes."""

import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from bench._ground import QUICK, ROUNDS, ground, say
from tests.chromium import ARGUMENTS, CHROMIUM, bundled, our_renderers

MEGABYTES = 20 if QUICK else 200
EXPORTS = 'export * from "./static/src/lib/base.js"; export * from "./static/src/lib/seal.js"; export * from "./static/src/lib/shelf.js";'
SEAL = """async (worker) => {
  const api = await import("/static/build/exports.js");
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const seal = api.b64u(crypto.getRandomValues(new Uint8Array(16)));
  const context = { v: 1, suite: "p256", origin: "bench", tender: "T", lot: "1", envelope: "bid", bidder: "B", seal, policy: "P" };
  const files = [...document.getElementById("large").files];
  const began = performance.now();
  window.sealed = undefined;
  api.sealBid({ worker, context, form: {}, files, policy: { fallback: "none" }, keys: { kid: "AAAAAAAAAAA", encryption: pair } })
    .then(() => api.forget(seal).then(() => (window.sealed = (performance.now() - began) / 1000)), (problem) => (window.sealed = String(problem)));
}"""


def sealed(page, worker):
    """Seconds that one sealing took; the highest memory of a renderer meanwhile."""
    page.evaluate(SEAL, worker)
    highest = 0
    while (seconds := page.evaluate("window.sealed")) is None:
        highest = max(highest, *our_renderers())
        page.wait_for_timeout(100)
    if isinstance(seconds, str):
        raise AssertionError(seconds)
    return seconds, highest


def digested(path):
    began = time.monotonic()
    subprocess.run(["sha256sum", path], check=True, capture_output=True)
    return MEGABYTES / (time.monotonic() - began)


with ground("web") as platform, TemporaryDirectory() as name, sync_playwright() as play:
    path = Path(name) / "large.pdf"
    with path.open("wb") as out:
        for _ in range(MEGABYTES):
            out.write(os.urandom(1_000_000))
    worker = next(row["path"] for row in platform.release["files"] if "seal-worker" in row["path"])
    script = bundled(EXPORTS)
    # A profile on disk, as a bidder's browser has it: what is private stands in memory and is slower.
    browser = play.chromium.launch_persistent_context(Path(name) / "profile", executable_path=CHROMIUM, args=ARGUMENTS, headless=True)
    page = browser.new_page()
    page.route("**/static/build/exports.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.goto(f"{platform.url}/sign-in/")
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'large' }))")
    page.set_input_files("#large", path)
    found, memory = [], 0
    for _ in range(ROUNDS):
        seconds, highest = sealed(page, worker)
        found.append((MEGABYTES / seconds, digested(path)))
        memory = max(memory, highest)
    browser.close()
print(f"renderer at most {memory / 1e6:.0f} MB")
say("seal", [one for one, _ in found], [other for _, other in found], "MB/s", "sha256sum")
