"""Who draws what a regulator looks into: the centre, the regulator, and somebody of those who tender."""

from accounts.models import Organisation
from draws.models import DrawParty
from rulebook.refusals import Refused


def three_offices(centre, third, by, regulator):
    """(role, person, organisation) of the three: the centre's person, `by` for the regulator, and one of a tenderee or an agency."""
    kinds = Organisation.Kind
    house = centre.organisations().active().filter(kinds__contains=[kinds.CENTRE], sectors=[]).first()
    side = third.organisations().filter(kinds__overlap=[kinds.TENDEREE, kinds.AGENCY]).first()
    if house is None or side is None:
        raise Refused(
            "bad_parties",
            "抽取须由交易中心、监督部门和招标人（代理机构）各一名人员共同参加。",
            field="third" if house else "centre",
            status=400,
        )
    return [(DrawParty.Role.CENTRE, centre, house), (DrawParty.Role.SUPERVISOR, by, regulator), (DrawParty.Role.TENDEREE, third, side)]
