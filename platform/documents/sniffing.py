"""What a file really is, by its first bytes and its name; names alone prove nothing."""

from django.core.files import File

OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def content_type_of(uploaded: File) -> str | None:
    """The content type of an accepted file, or None."""
    head = uploaded.read(8)
    uploaded.seek(0)
    name = (uploaded.name or "").lower()
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"PK\x03\x04"):
        return next((kind for ending, kind in OFFICE.items() if name.endswith(ending)), "application/zip")
    return None
