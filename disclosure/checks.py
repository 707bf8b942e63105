"""What the audit compares: a notice's words with the digest in its entry."""

from disclosure.actions import notice_digest
from disclosure.models import Notice
from ledger.audit import register, register_whole
from ledger.canonical import b64u


def notice_is_unchanged(body):
    said = body["d"]
    notice = Notice.objects.filter(number=said["number"]).first()
    if notice is None:
        return f"公告 {said['number']} 不存在"
    if said["digest"] != b64u(notice_digest(notice)) or said["digest"] != notice.digest:
        return f"公告 {said['number']} 的内容与存证不符"
    return None


def notices_without_entry():
    return [f"公告 {number} 没有存证" for number in Notice.objects.filter(entry=None, source="").values_list("number", flat=True)]


register("notice.published", notice_is_unchanged)
register_whole("公告", notices_without_entry)
