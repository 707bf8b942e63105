"""Seals on official PDFs: what is sealed when, and what the check page says of files that were tampered with."""

import hashlib
import json
import re
import threading
import zlib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from documents import checking, tasks
from documents.actions import ensure_printed, ensure_sealed, void_document
from documents.checks import changed_documents
from documents.models import OfficialDocument, StoredFile
from ledger.canonical import H, b64u, jcs, unb64u
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.models import LedgerEntry
from ledger.note import verify
from ledger.signer import signer
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.bids import hand_in
from tests.factories.documents import a_document, bytes_of, place_entries, sealed
from tests.factories.evaluation import end_of, shown
from tests.factories.trading import person, published_lot
from tests.trust.test_signer import running  # noqa: F401 - a fixture
from trading.awards import actions as awards
from trading.evaluation import actions as evaluation

pytestmark = pytest.mark.django_db

VALID = "真实有效，签章后未被改动"
CHANGED = "文件在签章后被改动"
BROKEN = "文件在签章后被改动，或签章是从别处搬来的"
STRANGE = "这不是本平台的签章"


@pytest.fixture
def document():
    return sealed(a_document(person()))


@pytest.fixture
def pdf(document):
    return bytes_of(document.sealed)


def asked(client, data, **more):
    """The check page's answer to a file: its verdict and its text."""
    page = client.post(reverse("documents:verify"), {"file": SimpleUploadedFile("文书.pdf", data, "application/pdf"), **more})
    text = page.content.decode()
    found = re.search(r'class="verdict verdict-(\w+)".*?<h1[^>]*>(.*?)</h1>', text)
    return (*(found.groups() if found else (None, None)), text)


def embedded(reader):
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    return {str(names[place]): bytes(names[place + 1]["/EF"]["/F"].data) for place in range(0, len(names), 2)}


# What is sealed


def test_the_seal_certifies_the_print_and_any_program_can_check_it(document, pdf):
    printed = bytes_of(document.file)
    assert pdf.startswith(printed)
    [seal] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    root = asn1_x509.Certificate.load(signer().pdf_chain()[0])
    status = validate_pdf_signature(seal, ValidationContext(trust_roots=[root]))
    assert status.bottom_line
    assert seal.docmdp_level == MDPPerm.NO_CHANGES
    assert seal.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert seal.sig_object["/Reason"] == "发布招标公告"
    assert abs(seal.self_reported_timestamp - document.sealed_at) < timedelta(seconds=1)
    assert (document.seal_level, document.seal_note) == ("B-B", "未配置时间戳服务")


def test_with_the_file_and_the_ledgers_key_alone_a_citizen_can_check_it(document, pdf):
    said = json.loads(embedded(PdfFileReader(BytesIO(pdf)))["ledger.json"])
    size, digest = said["content"]["size"], said["content"]["sha256"]
    assert hashlib.sha256(pdf[:size]).hexdigest() == digest == said["body"]["d"]["sha256"]
    assert said["body"]["d"]["number"] == document.number
    leaf = leaf_hash(jcs(said["body"]))
    assert b64u(leaf) == said["entry"]
    checkpoint = verify(said["note"], signer().name, signer().ledger_public_key())
    assert (checkpoint.size, b64u(checkpoint.root)) == (said["size"], said["root"])
    assert verify_inclusion(leaf, said["index"], said["size"], [unb64u(step) for step in said["proof"]], checkpoint.root)


def test_the_first_seal_of_a_certificate_is_announced_in_the_ledger(document):
    sealed(a_document(person()))
    [entry] = LedgerEntry.objects.filter(kind="seal.introduced")
    assert unb64u(json.loads(bytes(entry.data))["d"]["certificate"]) == signer().pdf_chain()[0]


def test_a_document_waits_for_its_place_in_the_ledger(client):
    document = ensure_printed(a_document(person()))
    url = reverse("documents:document", args=[document.check_code])
    answer = client.get(url)
    assert answer.status_code == 503
    assert "正在等待登记存证和签章" in answer.content.decode()
    assert "待签章" in client.get(reverse("documents:verify_code", args=[document.check_code])).content.decode()
    tasks.print_document(document.pk, 0)
    document.refresh_from_db()
    assert (document.sealed, document.seal_tries) == (None, 0)
    place_entries()
    answer = client.get(url)
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")


def test_while_the_signer_is_down_documents_wait_and_are_sealed_when_it_is_back(running, monkeypatch):  # noqa: F811 - a fixture
    document = ensure_printed(a_document(person()))
    place_entries()
    running.kill()
    tasks.print_document(document.pk, 0)
    document.refresh_from_db()
    assert document.sealed is None
    assert document.seal_tries == 1
    assert "SignerAway" in document.seal_problem
    assert document.seal_due_at > database_now()
    with pytest.raises(Refused) as refusal:
        ensure_sealed(document)
    assert refusal.value.code == "awaiting_seal"
    running.start()
    past = database_now() - timedelta(minutes=1)
    OfficialDocument.objects.filter(pk=document.pk).update(seal_due_at=past, issued_at=past)
    monkeypatch.setattr(tasks.print_document, "delay", tasks.print_document)
    tasks.print_forgotten()
    document.refresh_from_db()
    assert document.sealed is not None
    assert document.seal_problem == ""


def test_the_audit_finds_a_print_or_sealed_file_that_was_changed(document):
    assert list(changed_documents()) == []
    path = Path(default_storage.path(document.sealed.path))
    whole = path.read_bytes()
    path.write_bytes(whole + b" ")
    assert list(changed_documents()) == [f"正式文书 {document.number} 的文件缺失或已改变"]
    path.write_bytes(whole)
    other = bytes_of(document.file) + b" "
    Path(default_storage.path(document.file.path)).write_bytes(other)
    StoredFile.objects.filter(pk=document.file_id).update(sha256=hashlib.sha256(other).hexdigest())
    assert list(changed_documents()) == [f"正式文书 {document.number} 的内容与账本登记的不一致"]


# What the check page says


def test_an_untouched_file_is_valid_with_its_signer_time_and_place(client, document, pdf):
    own = hashlib.sha256(pdf).hexdigest()
    verdict, headline, text = asked(client, pdf, digest=own)
    assert (verdict, headline) == ("ok", VALID)
    assert document.number in text
    assert "演示用自签名证书" in text
    assert "没有第三方时间戳" in text
    assert f"第 {document.entry.leaf.idx} 条" in text
    assert reverse("web:ledger_entry", args=[document.entry_id]) in text
    assert "浏览器与服务器计算的摘要一致" in text
    assert "不一致，请重新上传" in asked(client, pdf, digest="0" * 64)[2]


def test_no_changed_byte_passes(client, document, pdf):
    contents = pdf.rindex(b"/Contents <")
    places = [200, document.file.size // 2, document.file.size + 400, contents + 800, len(pdf) - 300, len(pdf) - 8]
    for place in places:
        changed = bytearray(pdf)
        changed[place] ^= 0x01
        verdict, headline, _ = asked(client, bytes(changed))
        assert verdict == "bad", (place, headline)


def test_a_cut_or_lengthened_file_does_not_pass(client, document, pdf):
    # Cut back to the print it is known by its content, but nothing that anybody may rely on.
    assert asked(client, bytes_of(document.file))[:2] == ("warn", "内容一致，但没有签章")
    assert asked(client, pdf[:-100])[0] == "bad"
    assert asked(client, pdf + b"\n% more")[0] == "bad"


def overwritten(writer):
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)


def annotated(writer):
    note = {"/Type": "/Annot", "/Subtype": "/FreeText", "/F": 4, "/Rect": [100, 100, 300, 200], "/Contents": "900,000"}
    made = generic.DictionaryObject({generic.pdf_name(key): annotation(value) for key, value in note.items()})
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(made))


def annotation(value):
    if isinstance(value, list):
        return generic.ArrayObject(generic.NumberObject(each) for each in value)
    if isinstance(value, int):
        return generic.NumberObject(value)
    return generic.pdf_name(value) if value.startswith("/") else generic.pdf_string(value)


def retitled(writer):
    writer.set_info(writer.add_object(generic.DictionaryObject({generic.pdf_name("/Title"): generic.pdf_string("别的公告")})))
    writer.root["/Lang"] = generic.pdf_string("en")
    writer.update_root()


@pytest.mark.parametrize("change", [overwritten, annotated, retitled])
def test_content_appended_after_the_seal_is_reported(client, document, pdf, change):
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    verdict, headline, text = asked(client, out.getvalue())
    assert (verdict, headline) == ("bad", CHANGED)
    assert reverse("documents:document", args=[document.check_code]) in text


def certificate(name, key, *, issuer=None, issuer_key=None, extensions=()):
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[0]), x509.NameAttribute(NameOID.COMMON_NAME, name[1])])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(
            issuer or subject, subject, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(365)
        )
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key or key, hashes.SHA256())


def forger(name):
    """A signer of somebody else's with any name they like."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = asn1_x509.Certificate.load(certificate(name, key).public_bytes(serialization.Encoding.DER))
    return signers.SimpleSigner(made, private_of(key), SimpleCertificateStore())


def private_of(key):
    form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return keys.PrivateKeyInfo.load(key.private_bytes(*form))


def signed_by(pdf, who, field="Seal", **more):
    out = BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), signers.PdfSignatureMetadata(field_name=field, **more), who, output=out)
    return out.getvalue()


def test_a_seal_with_our_name_by_somebody_else_is_not_ours(client, document):
    [seal] = PdfFileReader(BytesIO(bytes_of(document.sealed))).embedded_signatures
    name = seal.signer_cert.subject.native
    forged = signed_by(bytes_of(document.file), forger((name["organization_name"], name["common_name"])), certify=True)
    verdict, headline, text = asked(client, forged)
    assert (verdict, headline) == ("bad", STRANGE)
    assert name["common_name"] in text
    assert "不能证明身份" in text


def test_somebody_elses_signature_on_top_of_ours_is_a_change(client, pdf):
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    # pyHanko refuses to sign against our seal's rules; a forger's program would not.
    writer.prev.root.pop("/Perms")
    [seal] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    assert seal.docmdp_level == MDPPerm.NO_CHANGES
    out = BytesIO()
    meta = signers.PdfSignatureMetadata(field_name="Other")
    try:
        signers.sign_pdf(writer, meta, forger(("某公司", "某人")), output=out)
    except Exception:
        overwritten(writer)
        writer.write(out)
    assert asked(client, out.getvalue())[0] == "bad"


def test_a_signature_moved_to_another_file_does_not_fit(client, pdf):
    other = bytes_of(sealed(a_document(person(), body="<p>别的内容</p>")).sealed)
    pattern = re.compile(rb"/Contents <([0-9a-fA-F]+)>")
    taken, place = pattern.findall(pdf)[-1], list(pattern.finditer(other))[-1]
    assert len(taken) == len(place[1])
    moved = other[: place.start(1)] + taken + other[place.end(1) :]
    assert asked(client, moved)[:2] == ("bad", BROKEN)


def test_a_genuine_file_hidden_in_another_lends_it_nothing(client, pdf):
    """The seal of the hidden file is sound, byte range and all; what a reader sees is something else."""
    [seal] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    head = b"%PDF-1.7\n"
    stream = b"7 0 obj\n<</Length %d>>\nstream\n" % len(pdf)
    shift = len(head) + len(stream)
    ranges = [int(each) for each in seal.byte_range]
    shifted = b"%d %d %d %d" % (shift, ranges[1], ranges[2] + shift, ranges[3])
    contents = pdf[ranges[1] : ranges[2]]
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[4 0 R]>>>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>",
        4: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(PlatformSeal)/V 5 0 R/Rect[0 0 0 0]/P 3 0 R/F 132>>",
        5: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[" + shifted + b"]/Contents " + contents + b">>",
    }
    data, places = head + stream + pdf + b"\nendstream\nendobj\n", {7: len(head)}
    for number, content in objects.items():
        places[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(data)
    rows = [b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n" for number in range(8)]
    data += b"xref\n0 8\n" + b"".join(rows) + b"trailer\n<</Size 8/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table
    assert checking.inspect(data)["seals"][0]["intact"]
    assert asked(client, data)[:2] == ("bad", CHANGED)


def test_the_seal_of_a_document_that_the_ledger_lacks_is_not_believed(client, document, pdf):
    OfficialDocument.objects.filter(pk=document.pk).update(entry=None)
    assert asked(client, pdf)[:2] == ("bad", "签章有效，但账本里没有这份文书")


def test_files_that_cannot_be_judged_are_turned_down_in_plain_words(client, document, pdf, monkeypatch):
    encrypted, out = copy_into_new_writer(PdfFileReader(BytesIO(pdf))), BytesIO()
    encrypted.encrypt("owner", "")
    encrypted.write(out)
    bomb = zlib.compress(bytes(200 << 20), 9)
    heavy = b"%%PDF-1.7\n1 0 obj\n<</Type/XRef/W[1 4 1]/Size 2/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n" % len(bomb)
    heavy += bomb + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"
    nested = b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"\nendobj\ntrailer<</Root 1 0 R/Size 2>>\nstartxref\n9\n%%EOF\n"
    for data, headline in (
        (b"PK\x03\x04 no pdf", "这不是 PDF 文件"),
        (out.getvalue(), "文件加了密，无法核验"),
        (b"%PDF-1.7\n%%EOF\n", "文件已损坏，读不出来"),
        (pdf[:5000], "文件已损坏，读不出来"),
        (bytes_of(sealed(a_document(person())).file)[:-1] + b" ", "文件上没有平台的签章"),
    ):
        assert asked(client, data)[:2] == ("bad", headline)
    for data in (heavy, nested):
        assert asked(client, data)[0] == "bad"
    monkeypatch.setattr("documents.views.LARGEST_CHECKED", 1000)
    assert "平台的文书不会这么大" in asked(client, pdf)[2]


def test_a_file_with_two_tables_of_contents_is_turned_down(client):
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    hidden = len(data)
    rows = b"".join(b"\x01" + place.to_bytes(4, "big") + b"\x00" for place in (0, *places))
    data += b"3 0 obj\n<</Type/XRef/W[1 4 1]/Size 3/Root 1 0 R/Length %d>>\nstream\n" % len(rows) + rows + b"\nendstream\nendobj\n"
    table = len(data)
    data += b"xref\n0 3\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<</Size 3/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (hidden, table)
    assert asked(client, data)[:2] == ("bad", "文件的内部结构含混，不能判定")


def test_an_inspection_that_does_not_end_is_cut_off(monkeypatch, tmp_path, client):
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass")
    monkeypatch.setattr(checking.inspection, "__file__", str(endless))
    monkeypatch.setattr(checking, "PATIENCE", 1)
    assert asked(client, b"%PDF-1.7")[:2] == ("bad", "文件过于复杂，核验没有完成")


def test_only_so_many_files_are_checked_at_once(client):
    with checking._places, checking._places:
        answer = client.post(reverse("documents:verify"), {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})
    assert answer.status_code == 503
    assert "请稍候再试" in answer.content.decode()


# Whether it still stands


def test_a_superseded_document_is_genuine_but_not_the_newest(client, document, pdf):
    newer = sealed(a_document(person(), title="更正后的公告", supersedes=document))
    for verdict, headline, text in (asked(client, pdf), looked_up(client, document.check_code)):
        assert (verdict, headline) == ("warn", "是平台出具的文书，但已被新的文书替代")
        assert newer.number in text
    assert looked_up(client, newer.check_code)[0] == "ok"
    entry = LedgerEntry.objects.get(kind="document.superseded")
    assert (entry.stream, entry.n) == (f"document/{document.number}", 2)


def test_a_voided_award_voids_its_notice(client, lot):
    publicity = shown(lot)
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    notice = sealed(award.award_notice)
    assert asked(client, bytes_of(notice.sealed))[:2] == ("ok", VALID)
    awards.void_publicity(publicity, reason="评分计算错误", by=lot.city.handler, at=database_now())
    verdict, headline, text = asked(client, bytes_of(notice.sealed))
    assert (verdict, headline) == ("warn", "是平台出具的文书，但已经作废")
    assert "评分计算错误" in text


def test_the_report_of_a_second_evaluation_takes_the_place_of_the_first(lot):
    publicity = shown(lot)
    first = lot.evaluations.get().report
    awards.void_publicity(publicity, reason="评分计算错误", by=lot.city.handler, at=database_now())
    again = evaluation.order_reevaluation(lot, reason="评分计算错误", by=lot.city.handler, at=database_now())
    again.state = again.State.COMBINED
    # What the last member's signature does.
    evaluation.finish(again, by=lot.city.handler, at=database_now())
    first.refresh_from_db()
    assert first.superseded_by == lot.evaluations.get(round=2).report


def test_a_document_is_voided_once(document):
    for reason in ("印错了", "又一次"):
        void_document(document, reason=reason, by=document.issued_by, at=database_now())
    document.refresh_from_db()
    assert document.void_reason == "印错了"
    assert LedgerEntry.objects.filter(kind="document.voided").count() == 1


# By code


def looked_up(client, code):
    page = client.post(reverse("documents:verify"), {"code": code}, follow=True)
    text = page.content.decode()
    return (*re.search(r'class="verdict verdict-(\w+)".*?<h1[^>]*>(.*?)</h1>', text).groups(), text)


def test_every_code_and_number_printed_on_a_document_leads_to_it(client, document):
    code = document.check_code
    for given in (code, code.lower(), code.replace("-", ""), f" {code} ", document.number, "GG2026-00001"):
        verdict, headline, text = looked_up(client, given)
        assert (verdict, headline) == ("ok", "平台出具过这份文书，现行有效"), given
        assert "逐项比对" in text
        assert document.number in text
    assert looked_up(client, "AAAA-BBBB-CCCC")[:2] == ("bad", "没有找到这份文书")


def test_a_document_that_is_not_public_is_found_by_its_secret_code_only(client):
    document = sealed(a_document(person(), public=False, title="只给当事人的文书"))
    assert looked_up(client, document.number)[0] == "bad"
    text = looked_up(client, document.check_code)[2]
    assert "只给当事人的文书" in text
    assert "打开原件" not in text


# Time stamps and authorities


class Authorities(BaseHTTPRequestHandler):
    """A time-stamping authority at /tsa and revocation lists at /crl."""

    def do_POST(self):
        self.server.asked += 1
        request = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.stamper.request_tsa_response(request) if self.server.stamper else None
        self.answer(200 if answer else 503, "application/timestamp-reply", answer.dump() if answer else b"")

    def do_GET(self):
        self.answer(200, "application/pkix-crl", self.server.crl)

    def answer(self, status, kind, data):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture
def outside(settings, tmp_path, monkeypatch):
    """A root with a time-stamping authority, both answering; `.chain_for(spki)` gives a seal's chain from the same root."""
    monkeypatch.setattr("documents.seals._rests_until", 0)
    server = HTTPServer(("127.0.0.1", 0), Authorities)
    server.asked = 0
    base = f"http://127.0.0.1:{server.server_port}"
    root_key, tsa_key = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    root = certificate(("某市认证机构", "根证书"), root_key, extensions=[(usage, True)])
    points = x509.CRLDistributionPoints([x509.DistributionPoint([x509.UniformResourceIdentifier(f"{base}/crl")], None, None, None)])
    signing = x509.KeyUsage(True, True, False, False, False, False, False, False, False)

    def issued(name, key, *more):
        return certificate(name, key, issuer=root.subject, issuer_key=root_key, extensions=[(points, False), (signing, True), *more])

    tsa = issued(("某市认证机构", "时间戳服务"), tsa_key, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True))
    now = datetime.now(UTC)
    crl = x509.CertificateRevocationListBuilder(root.subject, now - timedelta(1), now + timedelta(1))
    crl = crl.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    server.crl = crl.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    der = serialization.Encoding.DER
    store = SimpleCertificateStore.from_certs([asn1_x509.Certificate.load(root.public_bytes(der))])
    server.stamper = DummyTimeStamper(asn1_x509.Certificate.load(tsa.public_bytes(der)), private_of(tsa_key), certs_to_embed=store)
    server.issued, server.root = issued, root
    path = tmp_path / "roots.pem"
    path.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    settings.ETP_TSA, settings.ETP_SEAL_ROOTS = f"{base}/tsa", str(path)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_with_a_time_stamping_authority_the_seals_time_is_proven(client, outside):
    document = sealed(a_document(person()))
    assert (document.seal_level, document.seal_note) == ("B-T", "")
    verdict, _, text = asked(client, bytes_of(document.sealed))
    assert verdict == "ok"
    assert "时间戳由“某市认证机构 时间戳服务”签发" in text
    assert "未列入" not in text


def test_a_demonstrations_own_authority_is_named_but_not_trusted(client, settings):
    settings.ETP_TSA = "local"
    document = sealed(a_document(person()))
    assert document.seal_level == "B-T"
    verdict, _, text = asked(client, bytes_of(document.sealed))
    assert verdict == "ok"
    assert "该机构未列入平台的信任名单" in text


def test_without_its_answer_the_document_is_sealed_all_the_same_and_says_so(client, outside):
    outside.stamper = None
    document = sealed(a_document(person()))
    assert document.seal_level == "B-B"
    assert "时间戳服务当时不可用" in document.seal_note
    assert asked(client, bytes_of(document.sealed))[0] == "ok"
    # It is left alone for a while, so that nobody waits for it with every document.
    tries = outside.asked
    assert "时间戳服务当时不可用" in sealed(a_document(person())).seal_note
    assert outside.asked == tries


def test_a_seal_of_an_authority_carries_what_proves_it_for_long(client, outside, settings):
    key = signer().pdf_key
    chain = [outside.issued(("清江市公共资源交易中心", "清江市公共资源交易中心电子签章"), key), outside.root]
    (settings.ETP_SIGNER_KEYS / "pdf.pem").write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain))
    document = sealed(a_document(person()))
    assert (document.seal_level, document.seal_note) == ("B-LT", "")
    pdf = bytes_of(document.sealed)
    verdict, headline, text = asked(client, pdf)
    assert (verdict, headline) == ("ok", VALID)
    assert "证书链完整" in text
    assert "自签名" not in text
    assert "可长期核验" in text
    assert "/DSS" in PdfFileReader(BytesIO(pdf)).root


# Receipts


def test_a_bidders_receipt_is_a_sealed_pdf_with_the_machine_readable_one_in_it(client):
    lot = published_lot(holders=1)
    bidder = lot.tender.holders.get().organisation
    bidder.somebody = bidder.memberships.get().person
    bid = hand_in(lot, bidder)
    place_entries()
    client.force_login(bidder.somebody, backend="django.contrib.auth.backends.ModelBackend")
    where = [lot.tender.number, lot.no, 1]
    assert client.get(reverse("trading:receipt_pdf", args=where)).status_code == 503
    place_entries()
    pdf = b"".join(client.get(reverse("trading:receipt_pdf", args=where)).streaming_content)
    files = embedded(PdfFileReader(BytesIO(pdf)))
    assert files["receipt.json"] == client.get(reverse("trading:receipt", args=where)).content
    document = OfficialDocument.objects.get(kind="receipt")
    client.logout()
    verdict, headline, text = asked(client, pdf)
    assert (verdict, headline) == ("ok", VALID)
    assert document.number in text
    # Before the opening nobody learns from the ledger that a receipt was printed.
    said = json.loads(files["ledger.json"])
    data = bytes(document.entry.data).decode()
    assert json.loads(data) == {"v": 1, "t": "blind", "c": b64u(H("blind", unb64u(said["salt"]) + jcs(said["body"])))}
    assert bid is not None
