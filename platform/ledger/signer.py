"""Who signs for the platform. Everything it signs goes through `signer()`: a process of its own, or this one."""

import base64
import json
import socket
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from ledger.signing import LocalSigner, SignerRefused
from rulebook.refusals import Refused

__all__ = ["Signer", "SignerAway", "SignerRefused", "signer"]

PATIENCE = 10
LONGEST_ANSWER = 8 * 1024 * 1024


class SignerAway(Refused):
    """The signer's process does not answer; what was asked for may be asked again."""

    def __init__(self) -> None:
        super().__init__(
            "signer_away",
            "平台的签名服务暂时没有应答。",
            next_step="已经提交的内容不会丢失；请稍候几秒，再重试一次。",
            status=503,
        )


class Signer(Protocol):
    """What can be signed, and with which public keys it is checked (docs/trust.md §1)."""

    @property
    def name(self) -> str: ...
    def state(self) -> dict: ...
    def sign_checkpoint(self, size: int, root: bytes, batch: list[bytes]) -> str: ...
    def sign_receipt(self, label: str, obj: Any) -> str: ...
    def sign_pdf(self, attributes: bytes) -> bytes: ...
    def pdf_chain(self) -> list[bytes]: ...
    def ledger_public_key(self) -> bytes: ...
    def receipt_public_key(self) -> bytes: ...
    def next_ledger_key(self) -> bytes: ...
    def rotate_ledger_key(self, leaf: bytes) -> None: ...
    def ledger_keys(self) -> list[dict]: ...


class RemoteSigner:
    """The signer behind a Unix socket: one JSON line asks, one answers."""

    def __init__(self, path: str, origin: str) -> None:
        self.path = path
        self.name = f"{origin}/ledger"

    def ask(self, method: str, **arguments: Any) -> Any:
        """The answer; SignerRefused when it will not, SignerAway when it does not answer."""
        line = json.dumps({"method": method, **arguments}).encode() + b"\n"
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(PATIENCE)
                connection.connect(self.path)
                connection.sendall(line)
                with connection.makefile("rb") as answers:
                    answer = json.loads(answers.readline(LONGEST_ANSWER))
        except (OSError, ValueError) as silence:
            raise SignerAway from silence
        if "refused" in answer:
            raise SignerRefused(answer["refused"])
        return answer["answer"]

    def state(self) -> dict:
        return self.ask("state")

    def sign_checkpoint(self, size: int, root: bytes, batch: list[bytes]) -> str:
        return self.ask("sign_checkpoint", size=size, root=root.hex(), batch=[leaf.hex() for leaf in batch])

    def sign_receipt(self, label: str, obj: Any) -> str:
        return self.ask("sign_receipt", label=label, obj=obj)

    def sign_pdf(self, attributes: bytes) -> bytes:
        return base64.b64decode(self.ask("sign_pdf", attributes=base64.b64encode(attributes).decode()))

    def pdf_chain(self) -> list[bytes]:
        return [base64.b64decode(each) for each in self.ask("pdf_chain")]

    def ledger_public_key(self) -> bytes:
        # Asked each time: another may have taken over.
        return bytes.fromhex(self.ask("public_keys")["ledger"])

    @cache  # noqa: B019 - one signer lives as long as its process
    def receipt_public_key(self) -> bytes:
        return bytes.fromhex(self.ask("public_keys")["receipt"])

    def next_ledger_key(self) -> bytes:
        return bytes.fromhex(self.ask("next_ledger_key"))

    def rotate_ledger_key(self, leaf: bytes) -> None:
        self.ask("rotate_ledger_key", leaf=leaf.hex())

    def ledger_keys(self) -> list[dict]:
        return self.ask("ledger_keys")


@cache
def local_signer(folder: Path, origin: str) -> LocalSigner:
    return LocalSigner(folder, origin)


@cache
def remote_signer(path: str, origin: str) -> RemoteSigner:
    return RemoteSigner(path, origin)


def signer() -> Signer:
    """The platform's signer by the settings: behind the socket ETP_SIGNER, or (tests, one-off commands) in this process."""
    if settings.ETP_SIGNER:
        return remote_signer(settings.ETP_SIGNER, settings.ETP_ORIGIN)
    return local_signer(settings.ETP_SIGNER_KEYS, settings.ETP_ORIGIN)
