"""The page on which technical parts are marked blind."""

from django.shortcuts import render
from django.urls import reverse

from trading.evaluation import blind, reading
from trading.evaluation.drafts import draft_of


def sheets_of(evaluation, typed):
    """[(code, place, files with their covered pages, lines)] as far as the members may know them."""
    criteria = blind.blind_criteria(evaluation)
    found = []
    for place, (code, bid) in enumerate(blind.coded(evaluation)):
        technical = blind.technical_files(bid)
        answers = reading.answers_of(bid, criteria)
        files = [
            {
                "key": f"{place}-{no}", "name": f"技术标 {no}（暗标）.pdf", "pdf": True, "file": file,
                "url": reverse("trading:blind_file", args=[evaluation.pk, place + 1, no]), "copy": getattr(file, "blind", None),
            }
            for no, file in enumerate(technical, start=1)
        ]  # fmt: skip
        lines = []
        for row in criteria:
            file, page = answers.get(row.pk, (None, 0))
            name = f"{place}-{row.pk}"
            lines.append(
                {
                    "criterion": row, "name": name, "points": typed.get(f"points-{name}", ""), "remark": typed.get(f"remark-{name}", ""),
                    # An index that leads out of the technical part would say whose it is.
                    "page": page if file in technical else 0, "file": next((each for each in files if each["file"] == file), None),
                }
            )  # fmt: skip
        found.append({"code": code, "place": place, "files": files, "lines": lines})
    return found


def blind_desk(request, evaluation, seat, *, seats, refusal=None, joint):
    """Codes instead of names; nothing about prices, performance or conduct, and only files that had their names taken out."""
    sheets = sheets_of(evaluation, request.POST or draft_of(seat))
    waiting = set(blind.waiting_seats(evaluation).values_list("pk", flat=True))
    library = {
        "papers": reading.papers_of(evaluation),
        "bids": [
            {
                "key": str(sheet["place"]), "name": sheet["code"],
                "files": [{name: file[name] for name in ("key", "name", "url", "pdf")} for file in sheet["files"] if not (file["copy"] and file["copy"].problem)],
                "answers": {str(line["criterion"].pk): {"file": line["file"]["key"], "page": line["page"]} for line in sheet["lines"] if line["page"]},
            }
            for sheet in sheets
        ],
    }  # fmt: skip
    return render(
        request, "trading/evaluation/blind_desk.html",
        {
            "evaluation": evaluation, "lot": evaluation.lot, "tender": evaluation.lot.tender, "seat": seat, "seats": seats, "waiting": waiting,
            **joint, "writing": seat.pk in waiting, "sheets": sheets, "library": library, "refusal": refusal,
            "stages": [{"label": "技术（暗标）评分", "note": f"{len(seats) - len(waiting)}/{len(seats)} 已提交", "state": "now"}, {"label": "初步评审", "note": "揭示投标人", "state": ""}, {"label": "详细评审", "note": "", "state": ""}, {"label": "评分汇总与签署", "note": "", "state": ""}],
        },
        status=refusal.status if refusal else 200,
    )  # fmt: skip
