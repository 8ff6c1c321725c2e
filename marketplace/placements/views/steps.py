"""A form in steps that needs no script: every field stays on the page, one step of them is shown."""

from __future__ import annotations

from flask import request

from ... import clock
from ..forms import STEPS, TermsForm, step_of, take_refusals
from ..rules.drafts import draft_problems

LAST = len(STEPS)


def walk(form: TermsForm) -> tuple[int, bool]:
    """The step to show, and whether the form was sent whole and can be taken.

    The buttons "to=2" and "to=3" go on, once what stands before is in order; a button without goes to send.
    """
    if request.method != "POST":
        return 1, False
    is_valid = form.validate_on_submit()
    wanted = request.form.get("to", "")
    if wanted not in {str(number) for number in range(1, LAST + 1)}:
        return _first_wrong(form, LAST), is_valid
    target = int(wanted)
    _forget_from(form, target)
    if target == LAST and _first_wrong(form, LAST) == LAST:
        problems = draft_problems(form.draft(), clock.today())
        take_refusals(form, {name: said for name, said in problems.items() if step_of(name) < LAST})
    return _first_wrong(form, target), False


def wrong_step(form: TermsForm) -> int:
    """The first step with something to mend."""
    return _first_wrong(form, LAST)


def _first_wrong(form: TermsForm, most: int) -> int:
    return min([most, *(step_of(field.name) for field in form if field.errors)])


def _forget_from(form: TermsForm, step: int) -> None:
    for field in form:
        if step_of(field.name) >= step:
            field.errors = []
