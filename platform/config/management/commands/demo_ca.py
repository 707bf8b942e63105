from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.certificates import read
from config.demo.authority import Authority, pem, replace
from config.demo.certificate_keys import SCHEMES
from ledger.signer import signer
from rulebook.clock import database_now
from rulebook.refusals import Refused

SEAL_LIFE = timedelta(days=3 * 365)


class Command(BaseCommand):
    help = "A simulated certificate authority, for trying the platform out. Without an option: make it, and write fresh revocation lists."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, help="where it is kept (demo-ca in ETP_VAR)")
        parser.add_argument("--algorithm", choices=SCHEMES, default="p256")
        parser.add_argument("--sm2", action="store_const", const="sm2", dest="algorithm", help="the same as --algorithm sm2")
        parser.add_argument("--issue", metavar="NAME", help="issue to this name, with a new key, as a PKCS#12 file")
        parser.add_argument("--password", help="of the PKCS#12 file")
        parser.add_argument("--request", metavar="FILE", type=Path, help="issue to --name for the key of this certificate request")
        parser.add_argument("--name", help="to whom, with --request")
        parser.add_argument("--out", type=Path, help="the file to write")
        parser.add_argument("--revoke", metavar="FILE", type=Path, help="revoke the certificate in this PEM or DER file")
        parser.add_argument("--serial", help="revoke by the serial number (hexadecimal)")
        parser.add_argument("--seal", action="store_true", help="certify the signer's key of the seal on PDFs: writes pdf.pem")

    def handle(self, *args, folder, algorithm, issue, password, request, name, out, revoke, serial, seal, **options):
        if not settings.ETP_CONSOLES:
            raise CommandError("模拟CA只能在演示或开发环境使用（ETP_CONSOLES）。")
        at = database_now()
        authority = Authority(folder, algorithm, at=at)
        try:
            if issue:
                self.issue(authority, issue, password, out, at)
            elif request:
                der = authority.issue_on_request(name or "", request.read_bytes(), at=at)
                self.write(out or request.with_suffix(".pem"), pem([der, authority.certificate("issuing")]))
            elif revoke or serial:
                authority.revoke(int(serial, 16) if serial else certificate_in(revoke).x509.serial_number, at=at)
            elif seal:
                self.seal(authority, out, at)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        authority.write_lists(at=at)
        self.stdout.write(f"模拟CA（{authority.scheme}）：{authority.folder}")

    def issue(self, authority, name, password, out, at):
        if not password:
            raise CommandError("请用 --password 给出密钥文件的口令。")
        data, der, _ = authority.issue_file(name, password, at=at)
        self.write(out or authority.folder / f"{name}-{authority.scheme}.p12", data)
        self.stdout.write(f"序列号 {read(der).serial}")

    def seal(self, authority, out, at):
        spki = read(signer().pdf_chain()[0]).spki
        der = authority.issue(f"{settings.ETP_ORIGIN} 电子印章（模拟）", spki, at=at, not_after=at + SEAL_LIFE)
        chain = [der, authority.certificate("issuing"), authority.certificate("root")]
        self.write(out or settings.ETP_SIGNER_KEYS / "pdf.pem", pem(chain))

    def write(self, path, data):
        replace(path, data)
        self.stdout.write(str(path))


def certificate_in(path):
    data = path.read_bytes()
    return read(x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER) if data.lstrip().startswith(b"-----") else data)
