"""What scripts of ours post: one JSON object."""

from typing import Any

from django.http import HttpRequest

from ledger.canonical import parse_object
from rulebook.refusals import Refused


def posted(request: HttpRequest, *names: str) -> list[Any]:
    """These members of the posted object, in order; Refused when one is missing or the body is no object."""
    try:
        data = parse_object(request.body)
        return [data[name] for name in names]
    except (ValueError, KeyError) as wrong:
        raise Refused("incomplete", "提交的内容不完整。", next_step="请刷新页面后重试。", status=400) from wrong
