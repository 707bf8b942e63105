import hashlib

from django import forms
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from documents.actions import LARGEST, ensure_sealed
from documents.models import OfficialDocument, StoredFile
from documents.permissions import may_read_document, may_read_file
from web.doors import open_to
from web.forms import HouseForm


def sent(file):
    """The file as a download that a browser cannot take for a page of ours."""
    inline = file.content_type in ("application/pdf", "image/png", "image/jpeg")
    response = FileResponse(default_storage.open(file.path), as_attachment=not inline, filename=file.name, content_type=file.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@open_to("public")
@require_safe
def document(request, code):
    """An official document as sealed PDF, by its check code."""
    found = get_object_or_404(OfficialDocument, check_code=code)
    if not may_read_document(request.user, request.organisation, found):
        raise Http404
    return sent(ensure_sealed(found).sealed)


@open_to("public")
@require_safe
def file(request, key):
    found = get_object_or_404(StoredFile, key=key)
    if not may_read_file(request.user, request.organisation, found):
        raise Http404
    return sent(found)


class VerifyForm(HouseForm, forms.Form):
    code = forms.CharField(label="核验码", required=False, max_length=20, help_text="印在文书页脚，形如 7K3M-X9QP-2RTW")
    file = forms.FileField(label="或选择要核对的文件", required=False, help_text="文件只用于计算摘要，不会保存")


@open_to("public")
def verify(request):
    """Whether a document is ours and unchanged: by the code printed on it, or by the file itself."""
    form = VerifyForm(request.POST or None, request.FILES or None)
    found, asked, digest = None, False, ""
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"].strip().upper()
        given = form.cleaned_data["file"]
        if given is not None and given.size > LARGEST:
            form.add_error("file", f"文件超过 {LARGEST // 1024 // 1024} MB")
        elif given is not None:
            asked = True
            digest = hashlib.file_digest(given, "sha256").hexdigest()
            found = OfficialDocument.objects.filter(file__sha256=digest).first()
        elif code:
            asked = True
            found = OfficialDocument.objects.filter(check_code=code).first()
        else:
            form.add_error("code", "请填写核验码，或选择一个文件")
    return render(
        request,
        "documents/verify.html",
        {"form": form, "found": found, "asked": asked and not form.errors, "digest": digest},
    )
