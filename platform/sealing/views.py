"""Doors of sealing: the tus endpoints and the page where keys are made."""

import base64
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledger.canonical import b64u, parse_object
from rulebook.clock import database_now
from rulebook.refusals import Refused
from sealing import keys, uploads
from sealing.forms import RevocationForm
from sealing.models import EncryptionKey, Upload
from web.doors import open_to

TUS = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}


def tus_answer(status, message="", **headers):
    response = HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
    for name, value in {**TUS, **headers}.items():
        response[name.replace("_", "-")] = str(value)
    return response


def metadata_of(header):
    """The Upload-Metadata header as a dict of strings."""
    found = {}
    for pair in filter(None, header.split(",")):
        name, _, value = pair.strip().partition(" ")
        found[name] = base64.b64decode(value).decode("utf-8")
    return found


def tus(view):
    """Speak tus: refuse other versions, answer problems as text and refusals as JSON, with the tus headers on all."""

    @wraps(view)
    def door(request, *args, **kwargs):
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != "1.0.0":
            return tus_answer(412, "只支持 tus 1.0.0 协议。", Tus_Version="1.0.0")
        try:
            return view(request, *args, **kwargs)
        except uploads.UploadProblem as problem:
            return tus_answer(problem.status, str(problem))
        except Refused as refusal:
            said = {name: getattr(refusal, name) for name in ("code", "message", "rule", "next_step")}
            return JsonResponse(said, status=refusal.status, headers=TUS)

    return door


@open_to("bidder")
@require_http_methods(["OPTIONS", "POST"])
@tus
def upload_list(request):
    """Announce an upload (tus creation)."""
    if request.method == "OPTIONS":
        return tus_answer(
            204,
            Tus_Version="1.0.0",
            Tus_Extension="creation,checksum,termination,expiration",
            Tus_Max_Size=uploads.LARGEST,
            Tus_Checksum_Algorithm="sha256",
        )
    try:
        about = metadata_of(request.headers.get("Upload-Metadata", ""))
        upload = uploads.create_upload(
            request.organisation,
            tender=about["tender"],
            lot=about["lot"],
            envelope=about["envelope"],
            seal=about["seal"],
            size=counted(request.headers.get("Upload-Length")),
            by=request.user,
            at=database_now(),
        )
    except (KeyError, ValueError) as wrong:
        raise uploads.UploadProblem(400, "上传说明不完整。") from wrong
    return tus_answer(201, Location=f"/uploads/{upload.token}/", Upload_Offset=upload.offset, **expiry(upload))


def expiry(upload):
    return {"Upload-Expires": upload.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")}


@open_to("bidder")
@require_http_methods(["HEAD", "PATCH", "DELETE"])
@tus
def upload_detail(request, token):
    """Where an upload stands (HEAD), its next chunk (PATCH), or its end (DELETE)."""
    upload = Upload.objects.filter(token=token, owner=request.organisation).first()
    if upload is None:
        return tus_answer(404)
    if request.method == "HEAD":
        uploads.require_running(upload, database_now())
        return tus_answer(200, Upload_Offset=upload.offset, Upload_Length=upload.size, **expiry(upload))
    if request.method == "DELETE":
        uploads.terminate_upload(upload, by=request.user, at=database_now())
        return tus_answer(204)
    if request.content_type != "application/offset+octet-stream":
        return tus_answer(415, "内容类型不对。")
    upload = uploads.append_chunk(
        upload,
        offset=counted(request.headers.get("Upload-Offset")),
        length=counted(request.headers.get("Content-Length")),
        checksum=request.headers.get("Upload-Checksum"),
        body=request,
        at=database_now(),
    )
    return tus_answer(204, Upload_Offset=upload.offset, **expiry(upload))


def counted(header):
    """A header that is a plain number of bytes."""
    if not (header and header.isascii() and header.isdigit() and len(header) < 16):
        raise uploads.UploadProblem(400, "上传说明不完整。")
    return int(header)


def keys_in_sight(request):
    """The organisation's bid keys, and the holder keys of this person in it."""
    own = EncryptionKey.objects.filter(organisation=request.organisation)
    return own.filter(role=EncryptionKey.Role.BIDDER) | own.filter(role=EncryptionKey.Role.HOLDER, enrolled_by=request.user)


@open_to("bidder", "staff", "supervisor", "agency", "tenderee", "host")
@ensure_csrf_cookie
def key_page(request):
    """The keys of the organisation and of the person in it, and the place to make new ones."""
    now = database_now()
    roles = keys.roles_of(request.organisation)
    return render(
        request,
        "sealing/keys.html",
        {
            "now": now,
            "keys": keys_in_sight(request).order_by("-enrolled_at"),
            "signing_keys": keys.certified_signing_keys(request.user),
            "roles": [(role, EncryptionKey.Role(role).label) for role in roles],
            "terms": {
                "owners": {role: keys.owner_of(request.organisation, request.user, role) for role in roles},
                "organisation": request.organisation.name,
                "mobile": request.user.mobile,
                "not_after": keys.enrolment_terms(now),
            },
        },
    )


@open_to("bidder", "staff", "supervisor", "agency", "tenderee", "host")
@require_POST
def create_key(request):
    """Enrol a key pair made in the browser (JSON)."""
    try:
        data = parse_object(request.body)
    except ValueError as wrong:
        raise Refused("bad_enrolment", "登记内容不完整。", next_step="请刷新页面重新生成密钥。", status=400) from wrong
    key = keys.enroll_keys(
        request.organisation,
        encryption_spki=str(data.get("encryption_spki", "")),
        signing_spki=str(data.get("signing_spki", "")),
        not_after=str(data.get("not_after", "")),
        signature=str(data.get("signature", "")),
        role=str(data.get("role", "bidder")),
        recovery=str(data.get("recovery", "")),
        by=request.user,
        at=database_now(),
    )
    return JsonResponse({"kid": key.kid, "spki": b64u(bytes(key.spki))}, status=201)


@open_to("bidder", "staff", "supervisor", "agency", "tenderee", "host")
def revoke_key(request, kid):
    """What it means to take a key out of use, and the reason for it."""
    key = get_object_or_404(keys_in_sight(request), kid=kid)
    form = RevocationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keys.revoke_key(key, reason=form.cleaned_data["reason"], by=request.user, at=database_now())
        messages.success(request, f"密钥 {kid} 已停用。")
        return redirect("sealing:keys")
    return render(request, "sealing/revocation.html", {"key": key, "form": form})


@open_to("public")
@require_safe
def key_help(request):
    """How to convert a key file that is too old."""
    return render(request, "sealing/help.html")
