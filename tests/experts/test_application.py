"""From the first saved line to the certificate, and who is turned away."""

from datetime import timedelta

import pytest
from django.urls import reverse

from documents.actions import ensure_printed
from experts.actions import applications, appointment
from experts.classification import FIRST, SECOND, THIRD, is_specialty
from experts.models import ApplicationReview, Expert, ExpertApplication, Proof
from experts.privacy import values_of
from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.experts import accepted, appointed, draft, exam, identity_number, paper, personal, recommended, sat, submitted, trained
from tests.factories.trading import city, organisation, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city(bidders=1)


def refusal_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def enter(client, who):
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.requirement("R166")
def test_the_national_classification_stands_there_and_only_its_codes_are_specialties():
    assert list(FIRST) == ["A", "B", "C"] and [sum(code[0] == each for code in SECOND) for each in FIRST] == [9, 9, 13]
    assert all(code[:3] in SECOND and len(code) == 5 for code in THIRD)
    assert is_specialty("A0830") and is_specialty("C13") and not is_specialty("A0899") and not is_specialty("A")
    row = draft()
    refused = refusal_of(lambda: applications.save_application(row, {"specialties": ["A9999"]}, {}, by=row.person))
    assert (refused.code, refused.field) == ("strange_specialty", "specialty_1")


def test_at_most_five_specialties(where):
    row = draft()
    five = ["A0101", "A0102", "A0103", "A0105", "A0201"]
    applications.save_application(row, {"specialties": five}, {}, by=row.person)
    assert refusal_of(lambda: applications.save_application(row, {"specialties": [*five, "A0301"]}, {}, by=row.person)).code == "E-06"


def test_a_draft_saves_what_there_is_and_survives(client):
    who = person("慢慢填")
    enter(client, who)
    page = reverse("experts:application")
    assert "开始申请" in client.get(page).content.decode()
    client.post(page, {"move": "start"})
    assert (
        client.post(page, {"move": "save", "title": "高级工程师", "identity": identity_number(), "specialty_1": "A0830"}).status_code == 302
    )
    again = enter(client.__class__(), who).get(page).content.decode()
    assert 'value="高级工程师"' in again and values_of(who)["identity"] in again
    assert ExpertApplication.objects.get().state == "draft" and not LedgerEntry.objects.filter(kind="expert.applied").exists()


def test_handing_in_names_every_gap_beside_its_field(client):
    who = person()
    enter(client, who)
    page = reverse("experts:application")
    client.post(page, {"move": "start"})
    answer = client.post(page, {"move": "submit", "title": "高级工程师"})
    assert answer.status_code == 200
    form = answer.context["form"]
    for name in (
        "sector",
        "level",
        "education",
        "school",
        "working_since",
        "regions",
        "specialty_1",
        "identity",
        "bank",
        "account",
        "address",
    ):
        assert form.errors[name], name
    text = answer.content.decode()
    assert (
        'id="e-sector"' in text
        and "请上传身份证件、职称证明、学历证明、工作经历证明" in text
        and "请填写现工作单位" in text
        and "请阅读并签署承诺" in text
    )
    assert 'value="高级工程师"' in text


def test_a_wrong_identity_number_is_told_beside_the_field(client):
    who = person()
    enter(client, who)
    page = reverse("experts:application")
    client.post(page, {"move": "start"})
    answer = client.post(page, {"move": "save", "identity": "420106198001010011"})
    assert "校验位不符" in str(answer.context["form"].errors["identity"])
    taken = draft()
    answer = client.post(page, {"move": "save", "identity": values_of(taken.person)["identity"]})
    assert "已由另一账号登记" in str(answer.context["form"].errors["identity"])


@pytest.mark.parametrize(
    ("more", "field"),
    [({"level": "intermediate"}, "level"), ({"years": 7}, "working_since"), ({"born": 70}, "identity")],
    ids=["title", "years", "age"],
)
def test_who_does_not_meet_the_conditions_is_told_which(more, field):
    today = city_day(database_now())
    years = more.pop("years", 15)
    private = personal(identity=identity_number(f"{today.year - more.pop('born', 40)}0101"))
    row = draft(private=private, **more, working_since=today.replace(year=today.year - years, day=1))
    refused = refusal_of(lambda: applications.submit_application(row, pledged=True, by=row.person, at=database_now()))
    assert refused.code == "incomplete" and list(refused.details["fields"]) == [field]


def test_eight_full_years_and_a_middle_title_are_enough_for_procurement():
    today = city_day(database_now())
    row = draft(sector="ZC", level="intermediate", working_since=today.replace(year=today.year - 8, day=1))
    assert applications.submit_application(row, pledged=True, by=row.person, at=database_now()).state == "submitted"


def test_the_whole_way_from_application_to_certificate(where):
    row = submitted()
    assert row.state == "submitted"
    with pytest.raises(Refused):
        applications.review_application(row, "accepted", "", by=where.supervisor, at=database_now())
    applications.recommend(row, opinion="同意推荐", recommender="人事处", uploaded=paper(), by=row.person, at=database_now())
    refused = refusal_of(lambda: applications.review_application(row, "returned", " ", by=where.supervisor, at=database_now()))
    assert refused.field == "reasons"
    applications.review_application(row, "returned", "职称证明不清晰", by=where.supervisor, at=database_now())
    row.refresh_from_db()
    assert row.is_editable and row.reviews.get().reasons == "职称证明不清晰"
    applications.submit_application(row, pledged=True, by=row.person, at=database_now())
    applications.recommend(row, opinion="同意推荐", recommender="人事处", uploaded=paper(), by=row.person, at=database_now())
    applications.review_application(row, "accepted", "", by=where.supervisor, at=database_now())
    refused = refusal_of(lambda: appointment.appoint(row, by=where.supervisor, at=database_now()))
    assert refused.code == "not_trained" and "岗前培训" in refused.message and "岗前考试" in refused.message
    trained(where, row.person)
    sat(exam(where), row.person)
    expert = appointment.appoint(row, by=where.supervisor, at=database_now())
    today = city_day(database_now())
    assert (expert.state, expert.appointed_on, expert.term_until.year) == ("active", today, today.year + 3)
    assert (expert.specialties, expert.main_specialty, expert.employer) == (["A0830", "A0402"], "A0830", "清江设计院")
    assert expert.trained_until > today + timedelta(days=360)
    assert ensure_printed(expert.certificate).file.size > 1000


def test_rejected_applications_end_there(where):
    row = recommended()
    applications.review_application(row, ApplicationReview.Outcome.REJECTED, "工作年限证明不实", by=where.supervisor, at=database_now())
    with pytest.raises(Refused):
        appointment.appoint(row, by=where.supervisor, at=database_now())
    assert applications.start_application(by=row.person, at=database_now()).pk != row.pk


def test_who_was_accepted_may_still_be_rejected_and_applies_again_at_the_page(client, where, settings):
    settings.ETP_STEP_UP = "offered"
    row = accepted(where)
    page = reverse("experts:application")
    assert "开始新的申请" not in enter(client, row.person).get(page).content.decode()
    review = reverse("experts:review", args=[row.pk])
    enter(client, where.supervisor)
    assert "请写明理由" in client.post(review, {"outcome": "rejected", "reasons": ""}).content.decode()
    assert client.post(review, {"outcome": "rejected", "reasons": "材料不实"}).status_code == 302
    enter(client, row.person)
    shown = client.get(page).content.decode()
    assert "材料不实" in shown and "开始新的申请" in shown
    client.post(page, {"move": "start"})
    assert "开始新的申请" not in client.get(page).content.decode()
    assert [each.state for each in ExpertApplication.objects.filter(person=row.person)] == ["draft", "rejected"]


def test_an_applicant_takes_the_application_back_to_correct_it(client, where):
    row, page = recommended(), reverse("experts:application")
    enter(client, row.person)
    assert "撤回修改" in client.get(page).content.decode()
    client.post(page, {"move": "withdraw"})
    row.refresh_from_db()
    assert row.is_editable and row.recommended_at is None
    with pytest.raises(Refused):
        applications.review_application(row, "accepted", "", by=where.supervisor, at=database_now())
    applications.submit_application(row, pledged=True, by=row.person, at=database_now())
    with pytest.raises(Forbidden):
        applications.withdraw_application(row, by=person(), at=database_now())


def test_what_was_declared_before_stays_declared_on_a_renewal(where):
    expert, bidder = appointed(where), where.bidders[0]
    expert.avoided.create(uscc=bidder.uscc, kind="relative", organisation=bidder.name, reason="妻任会计")
    Expert.objects.update(term_until=city_day(database_now()) + timedelta(days=30))
    row = draft(expert.person, private={})
    for reason in ("持股 5%", "持股 6%"):
        applications.add_interest(
            row, {"kind": "shares", "organisation": bidder.name, "uscc": bidder.uscc, "reason": reason}, by=row.person
        )
    applications.submit_application(row, pledged=True, by=row.person, at=database_now())
    applications.recommend(row, opinion="同意", recommender="甲", uploaded=paper(), by=row.person, at=database_now())
    applications.review_application(row, "accepted", "", by=where.supervisor, at=database_now())
    appointment.appoint(row, by=where.supervisor, at=database_now())
    assert sorted((each.kind, each.reason) for each in expert.avoided.all()) == [("relative", "妻任会计"), ("shares", "持股 6%")]


def test_only_the_regulator_of_the_sector_reviews_and_nobody_their_own(where):
    row = recommended()
    other = organisation("regulator", "清江市财政局", sectors=["ZC"])
    for who in (other.somebody, where.staff, where.handler, row.person):
        with pytest.raises(Forbidden):
            applications.review_application(row, "accepted", "", by=who, at=database_now())
    own = recommended(where.supervisor)
    assert (
        refusal_of(lambda: applications.review_application(own, "accepted", "", by=where.supervisor, at=database_now())).code == "own_case"
    )


def test_nobody_fills_in_anothers_application():
    row = draft()
    with pytest.raises(Forbidden):
        applications.save_application(row, {"title": "院士"}, {}, by=person())
    with pytest.raises(Forbidden):
        applications.recommend(submitted(), opinion="同意", recommender="甲", uploaded=paper(), by=person(), at=database_now())


def test_entries_name_people_by_pseudonym_alone(where):
    expert = appointed(where)
    secret = [expert.person.name, expert.person.mobile, *values_of(expert.person).values()]
    for entry in LedgerEntry.objects.filter(stream=f"expert/{expert.person.pseudonym}"):
        text = bytes(entry.data).decode()
        assert not any(each in text for each in secret), entry.kind
    kinds = set(LedgerEntry.objects.filter(stream=f"expert/{expert.person.pseudonym}").values_list("kind", flat=True))
    assert {"expert.applied", "expert.recommended", "expert.reviewed", "expert.trained", "expert.examined", "expert.appointed"} <= kinds


def test_interests_become_organisations_to_avoid(where):
    bidder = where.bidders[0]
    row = draft()
    applications.add_interest(row, {"kind": "shares", "organisation": bidder.name, "uscc": bidder.uscc, "reason": "持股 5%"}, by=row.person)
    applications.submit_application(row, pledged=True, by=row.person, at=database_now())
    applications.recommend(row, opinion="同意", recommender="甲", uploaded=paper(), by=row.person, at=database_now())
    applications.review_application(row, "accepted", "", by=where.supervisor, at=database_now())
    trained(where, row.person)
    sat(exam(where), row.person)
    expert = appointment.appoint(row, by=where.supervisor, at=database_now())
    assert [(each.uscc, each.kind) for each in expert.avoided.all()] == [(bidder.uscc, "shares")]


def test_a_proof_must_be_what_it_says(where):
    row = draft()
    wrong = paper("证明.pdf")
    wrong.file.write(b"MZ not a pdf")
    wrong.seek(0)
    with pytest.raises(Refused) as refused:
        applications.attach_proof(row, Proof.Kind.TITLE, wrong, by=row.person, at=database_now())
    assert refused.value.code == "file_type"


def test_an_expert_in_the_pool_applies_again_only_near_the_end_of_the_term(where):
    expert = appointed(where)
    now = database_now()
    assert refusal_of(lambda: applications.start_application(by=expert.person, at=now)).code == "in_pool"
    assert applications.start_application(by=expert.person, at=now + timedelta(days=365 * 3 - 60)).state == "draft"
    assert Expert.objects.count() == 1


def test_the_regulators_pages_show_and_decide(client, where, settings):
    settings.ETP_STEP_UP = "offered"
    row = recommended()
    enter(client, where.supervisor)
    assert row.person.name in client.get(reverse("experts:regulator_desk")).content.decode()
    page = reverse("experts:review", args=[row.pk])
    shown = client.get(page).content.decode()
    assert "A0830 园林绿化工程施工" in shown and values_of(row.person)["identity"] not in shown
    assert client.post(page, {"outcome": "accepted", "reasons": ""}).status_code == 302
    trained(where, row.person)
    sat(exam(where), row.person)
    answer = client.post(page, {"outcome": "appoint"})
    assert answer.url == reverse("experts:expert", args=[Expert.objects.get().number])
    assert client.get(answer.url).status_code == 200
    assert accepted(where).state == "accepted"
