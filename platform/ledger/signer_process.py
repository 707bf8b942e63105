"""The signer as a process of its own: `python -m ledger.signer_process`. It alone can read the platform's signing keys.

Listens on a Unix socket; answers one JSON line with one. Every call is written to its own log. Knows no database.
"""

import argparse
import base64
import json
import logging
import os
import signal
import socket
import socketserver
import struct
import sys
from pathlib import Path
from typing import Any

from ledger.signing import LocalSigner, SignerRefused

log = logging.getLogger("signer")

# A batch of 2 000 leaves is 130 kB; nothing that is asked here is larger than a few.
LONGEST_QUESTION = 4 * 1024 * 1024


def answered(signer: LocalSigner, question: Any) -> Any:
    """The answer to one question; SignerRefused or ValueError for what is not one of the few that are allowed."""
    match question:
        case {"method": "state", **rest} if not rest:
            return signer.state()
        case {"method": "public_keys", **rest} if not rest:
            return {"ledger": signer.ledger_public_key().hex(), "receipt": signer.receipt_public_key().hex()}
        case {"method": "ledger_keys", **rest} if not rest:
            return signer.ledger_keys()
        case {"method": "next_ledger_key", **rest} if not rest:
            return signer.next_ledger_key().hex()
        case {"method": "rotate_ledger_key", "leaf": str(leaf), **rest} if not rest:
            return signer.rotate_ledger_key(bytes.fromhex(leaf))
        case {"method": "pdf_chain", **rest} if not rest:
            return [base64.b64encode(each).decode() for each in signer.pdf_chain()]
        case {"method": "sign_checkpoint", "size": int(size), "root": str(root), "batch": list(batch), **rest} if not rest:
            return signer.sign_checkpoint(size, bytes.fromhex(root), [bytes.fromhex(leaf) for leaf in batch])
        case {"method": "sign_receipt", "label": str(label), "obj": obj, **rest} if not rest:
            return signer.sign_receipt(label, obj)
        case {"method": "sign_pdf", "attributes": str(attributes), **rest} if not rest:
            return base64.b64encode(signer.sign_pdf(base64.b64decode(attributes, validate=True))).decode()
    raise SignerRefused("the signer has no such method")


class Question(socketserver.StreamRequestHandler):
    """One connection asks one question."""

    timeout = 10
    server: "Listener"

    def handle(self) -> None:
        pid, uid, _ = struct.unpack("3i", self.request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        said: dict[str, Any]
        method = None
        try:
            question = json.loads(self.rfile.readline(LONGEST_QUESTION))
            method = question.get("method") if isinstance(question, dict) else None
            said = {"answer": answered(self.server.signer, question)}
        except (SignerRefused, ValueError, TypeError) as refusal:
            said = {"refused": str(refusal)}
        # What was signed stands in the answers' own formats; the log says who asked for what, and when.
        log.info("%s for process %s of user %s: %s", method, pid, uid, said.get("refused", "done"))
        self.wfile.write(json.dumps(said).encode() + b"\n")


class Listener(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: Path, signer: LocalSigner) -> None:
        self.signer = signer
        # A socket left behind by a process that was killed is in nobody's use: the lock below says so.
        path.unlink(missing_ok=True)
        super().__init__(str(path), Question)
        # Those of the platform's group may ask; the keys' folder stays closed to them.
        os.chmod(path, 0o660)


def main() -> None:
    parser = argparse.ArgumentParser(description="Signs checkpoints, receipts and PDF seals for the platform.")
    parser.add_argument("--folder", type=Path, default=os.environ.get("ETP_SIGNER_KEYS"), help="keys and the record of what was signed")
    parser.add_argument("--socket", type=Path, default=os.environ.get("ETP_SIGNER"))
    parser.add_argument("--origin", default=os.environ.get("ETP_ORIGIN"))
    parser.add_argument("--ask", action="store_true", help="only ask whether the signer at this socket answers")
    given = parser.parse_args()
    if given.ask:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(given.socket))
            connection.sendall(b'{"method":"public_keys"}\n')
            sys.exit(not connection.recv(16))
    if not (given.folder and given.socket and given.origin):
        parser.error("folder, socket and origin are needed (ETP_SIGNER_KEYS, ETP_SIGNER, ETP_ORIGIN)")
    given.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    logging.basicConfig(filename=given.folder / "signer.log", level=logging.INFO, format="%(asctime)s %(message)s")
    signer = LocalSigner(given.folder, given.origin)
    if not signer.stand_alone():
        sys.exit("another signer serves this folder")
    given.socket.parent.mkdir(parents=True, exist_ok=True)
    with Listener(given.socket, signer) as listener:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        listener.serve_forever()


if __name__ == "__main__":
    main()
