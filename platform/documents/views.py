from django import forms
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from documents.actions import ensure_sealed
from documents.checking import LARGEST_CHECKED, Row, check_code, check_file
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


class CodeForm(HouseForm, forms.Form):
    code = forms.CharField(
        label="核验码", max_length=60, help_text="印在文书末页，形如 7K3M-X9QP-2RTW；公开的文书也可以填文书编号或公告编号"
    )


class FileForm(HouseForm, forms.Form):
    file = forms.FileField(label="文书的 PDF 文件", help_text=f"不超过 {LARGEST_CHECKED // 1024 // 1024} MB。文件只用于核验，不会保存")
    # What the visitor's browser has computed of the same file.
    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_CHECKED:
            raise forms.ValidationError(f"文件超过 {LARGEST_CHECKED // 1024 // 1024} MB，平台的文书不会这么大")
        return file


@open_to("public")
def verify(request, code=""):
    """Whether a document is ours, unchanged and still in force: by the code printed on it, or by the file itself."""
    by_code, by_file, finding = CodeForm(initial={"code": code}), FileForm(), check_code(code) if code else None
    if request.method == "POST" and "code" in request.POST:
        by_code = CodeForm(request.POST)
        if by_code.is_valid():
            return redirect("documents:verify_code", by_code.cleaned_data["code"].replace("/", " "))
    elif request.method == "POST":
        by_file = FileForm(request.POST, request.FILES)
        if by_file.is_valid():
            finding = check_file(by_file.cleaned_data["file"].read())
            own = by_file.cleaned_data["digest"]
            same = own == finding.sha256
            if own:
                finding.rows.append(
                    Row("ok" if same else "bad", "传输", f"浏览器与服务器计算的摘要{'一致' if same else '不一致，请重新上传'}。")
                )
            by_file = FileForm()
    return render(request, "documents/verify.html", {"by_code": by_code, "by_file": by_file, "finding": finding, "code": code})
