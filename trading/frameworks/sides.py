"""As which side somebody stands before a framework's catalogue or an order under it."""

from accounts.models import Organisation
from accounts.permissions import is_member
from rulebook.refusals import Forbidden
from trading.frameworks.models import FrameworkOrder, OrderOffer
from trading.frameworks.queries import entrants_of
from trading.projects.queries import SUPERVISE, may_handle, may_take_in

PURCHASER, SUPPLIER, INVITED, FORMER = "purchaser", "supplier", "invited", "former"
COLLECTOR, WATCHER = "collector", "watcher"


def sides_of(person, organisation, order):
    """The sides of an order on which the person stands while acting for the organisation; empty for strangers."""
    found, lot = set(), order.lot
    if organisation is None or not organisation.is_active or not is_member(person, organisation):
        return found
    project = lot.tender.project
    if organisation.pk == order.purchaser_id:
        found.add(PURCHASER)
    if organisation.pk == order.supplier_id or order.offers.filter(supplier=organisation, state=OrderOffer.State.OPEN).exists():
        found.add(SUPPLIER)
    if order.way == FrameworkOrder.Way.COMPETITION and organisation.uscc in entrants_of(lot):
        found.add(INVITED)
    # Who had the order offered and did not take it reads on what became of it.
    if order.offers.filter(supplier=organisation).exists():
        found.add(FORMER)
    if organisation in (project.owner, project.agency):
        found.add(COLLECTOR)
    centre = Organisation.Kind.CENTRE in organisation.kinds and may_take_in(person, project)
    if centre or (organisation == project.regulator and person.has_perm(SUPERVISE, lot.tender)):
        found.add(WATCHER)
    return found


def require_collector(by, lot):
    """Refuse unless `by` was assigned to the tender and acts for its owner or agency."""
    if not may_handle(by, lot.tender):
        raise Forbidden(
            "no_permission", "协议目录由征集人或者其代理机构的经办人维护。", next_step="请由项目所属单位的管理员指定你为经办人。"
        )


def may_read_order_file(person, organisation, file):
    """The contract of an order: for both its parties, the collector and who watches."""
    orders = FrameworkOrder.objects.filter(paper=file).select_related(
        "catalogue__lot__tender__project__owner", "catalogue__lot__tender__project__agency", "catalogue__lot__tender__project__regulator"
    )
    return any(sides_of(person, organisation, order) - {INVITED, FORMER} for order in orders)
