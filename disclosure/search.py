"""Full-text search over notices: jieba cuts the words when a notice is written and when a question is asked."""

from functools import cache

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import F, Q, Value

from disclosure.models import Notice


@cache
def segmenter():
    import jieba

    jieba.setLogLevel("WARNING")
    jieba.initialize()
    return jieba


def words(text):
    """The words of a text, for the index: overlapping ones too, so that short queries find long names."""
    return " ".join(word for word in segmenter().cut_for_search(text) if word.strip())


def index_notice(notice):
    vector = SearchVector(Value(words(f"{notice.title} {notice.owner_name} {notice.agency_name}")), weight="A", config="simple")
    vector += SearchVector(Value(words(notice.text)), weight="C", config="simple")
    Notice.objects.filter(pk=notice.pk).update(search=vector)


def find(notices, question):
    """Notices that answer the question, best first; numbers and names are also found by their letters.

    Web processes never load the dictionary: the question is matched literally first, and by its words only as far
    as spaces cut them.
    """
    query = None
    for word in question.split():
        part = SearchQuery(word, config="simple")
        query = part if query is None else query & part
    literal = Q(title__icontains=question) | Q(number__iexact=question) | Q(tender_number__iexact=question)
    literal |= Q(owner_name__icontains=question) | Q(agency_name__icontains=question) | Q(text__icontains=question)
    if query is None:
        return notices
    return notices.filter(Q(search=query) | literal).annotate(rank=SearchRank(F("search"), query)).order_by("-published_at")
