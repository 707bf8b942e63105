import pytest

from documents import actions, printing, seals

MADE = {}


def once(function, key=lambda args: None):
    """The first result of each key, again and again."""

    def made(*args, **kwargs):
        name = (function.__name__, key(args))
        if name not in MADE:
            MADE[name] = function(*args, **kwargs)
        return MADE[name]

    return made


@pytest.fixture
def one_print(monkeypatch):
    """Documents of one kind share one print, and all share one seal: both have tests of their own, and take long."""
    first = lambda args: args[0]  # noqa: E731 - the template
    monkeypatch.setattr(actions, "print_for_seal", once(printing.print_for_seal, first))
    monkeypatch.setattr(actions, "print_pdf", once(printing.print_pdf, first))
    monkeypatch.setattr(seals, "seal", once(seals.seal))
