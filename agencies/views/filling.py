"""A page with one form that leads to one act: the same for all of them."""

from django.contrib import messages
from django.shortcuts import redirect, render, resolve_url

from rulebook.refusals import Forbidden, Refused


def fill_in(request, form, do, *, title, button, done, back, crumbs=(), notes="", facts=(), grid=False, signed=True):
    """Show the form, and when it is posted and valid, `do(form)`; a refusal stands beside its field.

    `back` and `crumbs` (label, where) are addresses or names of doors; `facts` are (label, value) of what it is about; `signed` where
    posting is an official act.
    """
    if request.method == "POST" and form.is_valid():
        try:
            do(form)
        except Forbidden:
            raise
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, done)
            return redirect(back)
    trail = [(label, resolve_url(where)) for label, where in crumbs]
    context = {
        "form": form,
        "title": title,
        "button": button,
        "back": resolve_url(back),
        "crumbs": trail,
        "notes": notes,
        "facts": facts,
        "grid": grid,
    }
    return render(request, "agencies/form.html", context)
