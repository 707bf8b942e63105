import pytest

from documents import actions, printing


@pytest.fixture
def one_print(monkeypatch):
    """Documents of one kind share one print: how they are laid out has its own tests, and laying out takes long."""
    prints = {}

    def once(function):
        def made(template, context):
            if template not in prints:
                prints[template] = function(template, context)
            return prints[template]

        return made

    monkeypatch.setattr(actions, "print_for_seal", once(printing.print_for_seal))
    monkeypatch.setattr(actions, "print_pdf", once(printing.print_pdf))
