"""Where a signed-out visitor is led."""

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["/expert/evaluations/12/", "/expert/evaluations/12/questions/?a=1", "/expert/"])
def test_sign_in_leads_back_to_no_experts_desk_by_its_address(client, asked):
    """The log of failed sign-ins keeps the sign-in's query beside the name that was typed."""
    assert client.get(asked).url == "/sign-in/?next=/expert/"
    assert client.post("/expert/", headers={"Referer": f"https://testserver{asked}"}).url == "/sign-in/?next=/expert/"
    part = client.get("/expert/", headers={"ETP-Part": "1", "Referer": f"https://testserver{asked}"})
    assert part.headers["ETP-Redirect"] == "/sign-in/?next=/expert/"


@pytest.mark.django_db
def test_sign_in_leads_back_to_any_other_page(client):
    assert client.get("/work/projects/?page=2").url == "/sign-in/?next=/work/projects/%3Fpage%3D2"
