from disclosure.events import NoticePublished
from disclosure.models import Notice
from disclosure.search import index_notice
from ledger.delivery import listens


@listens(NoticePublished)
def index_published_notice(event):
    """Segmenting Chinese takes a dictionary that only workers load; the notice itself is public already."""
    index_notice(Notice.objects.get(number=event.number))
