"""What a spot check of experts is told: where a member's marks stood apart from the others'."""

from collections import defaultdict

from experts.spotchecks import markings
from trading.evaluation.methods import deviation_share, is_outlier
from trading.evaluation.models import CommitteeMember, Score


@markings
def marks_apart(sitting):
    """[(criterion and bidder, words)] of the marks far from the committee's mean; nothing of an evaluation whose seats are not yet named."""
    seat = CommitteeMember.called.filter(named_expert=sitting.expert_id, pk=seat_of(sitting.key)).first()
    if seat is None:
        return []
    marks = defaultdict(dict)
    for row in Score.objects.filter(member__evaluation=seat.evaluation_id).select_related("criterion", "bid__bid__bidder"):
        marks[row.criterion, row.bid][row.member_id] = row
    found = []
    for (criterion, bid), rows in marks.items():
        mine, every = rows.get(seat.pk), [row.points for row in rows.values()]
        if mine is not None and len(every) > 2 and is_outlier(mine.points, every):
            share = deviation_share(mine.points, every)
            why = mine.remark or "没有说明"
            found.append((f"{criterion.title}，{bid.bid.bidder.name}", f"{mine.points} 分，偏离平均 {share}%；评分说明：{why}"))
    return found


def seat_of(key):
    """The seat that a sitting's key names; 0 for a sitting of another kind."""
    kind, _, number = key.partition("/")
    return int(number) if kind == "committee" and number.isdigit() else 0
