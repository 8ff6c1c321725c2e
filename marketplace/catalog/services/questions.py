"""Questions about a product: asked by buyers and the office, answered by its maker."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken, TooMany
from ...i18n import _
from ...permissions import Actor, Permission
from ...texts import lines
from .. import queries, rules
from ..models import Product, Question
from . import letters
from .team_letters import write_back

MAX_TEXT = 1000


@retry_on_conflict
def ask_question(*, actor: Actor, product_id: int, text: str) -> Question:
    """Ask a product's maker. The same words while they still wait are one question.

    Raises NotFound for a product that is not shown, InvalidInput for no words or too many, TooMany when the
    asker's organization has asked more than QUESTIONS_PER_DAY in a day.
    """
    actor.require(Permission.QUESTION_ASK)
    words = _checked(text, "text", _("Tulis pertanyaan Anda, misalnya tentang kemasan atau daya tahan."))
    with unit_of_work() as session:
        if not queries.is_shown(actor, product_id):
            raise NotFound(_("Produk ini tidak ada, atau sedang tidak ditampilkan pembuatnya."))
        product = session.get_one(Product, product_id)
        same = session.scalar(
            select(Question).where(
                Question.product_id == product_id,
                Question.asked_by == actor.user_id,
                Question.text == words,
                Question.answered_at.is_(None),
            )
        )
        if same is not None:
            return same
        _check_pace(session, actor)
        question = Question(
            product_id=product_id,
            operator_id=actor.operator_id,
            office_id=actor.office_id,
            asked_by=actor.user_id,
            asked_at=clock.now(),
            text=words,
        )
        session.add(question)
        session.flush()
        audit.record(session, actor, "question.asked", question, after={"product": product.name})
        letters.write(
            session,
            product.seller_id,
            "question_asked",
            product=product.name,
            text=words,
            path=f"/seller/questions#tanya-{question.id}",
        )
        return question


@retry_on_conflict
def answer_question(*, actor: Actor, question_id: int, answer: str, is_public: bool) -> Question:
    """The maker answers, once; with `is_public` everybody reads both. Of two who answer at once, one does.

    Raises NotFound for a stranger's, RuleBroken once it was answered.
    """
    words = _checked(answer, "answer", _("Tulis jawaban Anda."))
    with unit_of_work() as session:
        question, product = _own_question(session, actor, question_id)
        if question.answered_at is not None:
            raise RuleBroken(
                _("Pertanyaan ini sudah dijawab. Muat ulang halaman untuk membacanya."),
                code="question_answered",
            )
        question.answer, question.is_public = words, is_public
        question.answered_at, question.answered_by = clock.now(), actor.user_id
        audit.record(
            session,
            actor,
            "question.answered",
            question,
            after={"product": product.name, "is_public": is_public},
        )
        write_back(
            session,
            "question_answered",
            user_id=question.asked_by,
            operator_id=question.operator_id,
            product=product.name,
            text=question.text,
            answer=words,
            path=rules.product_path(product.id, product.name),
        )
        return question


@retry_on_conflict
def show_answer(*, actor: Actor, question_id: int, is_public: bool) -> Question:
    """Let everybody read an answered question, or only the one who asked."""
    with unit_of_work() as session:
        question, product = _own_question(session, actor, question_id)
        if question.answered_at is None:
            raise RuleBroken(_("Jawab dulu pertanyaannya."), code="question_open")
        if question.is_public != is_public:
            question.is_public = is_public
            action = "question.shown" if is_public else "question.hidden"
            audit.record(session, actor, action, question, after={"product": product.name})
        return question


def _own_question(session: Session, actor: Actor, question_id: int) -> tuple[Question, Product]:
    """A question about a product of the actor's seller, locked and read anew."""
    actor.require(Permission.PRODUCT_EDIT)
    question = session.get(Question, question_id, with_for_update=True, populate_existing=True)
    product = session.get_one(Product, question.product_id) if question else None
    if question is None or product is None or product.seller_id != actor.seller_id:
        raise NotFound(_("Pertanyaan ini tidak ada, atau bukan tentang produk Anda."))
    return question, product


def _checked(text: str, field: str, missing: str) -> str:
    words = lines(text)
    sentence = ""
    if not words:
        sentence = missing
    elif len(words) > MAX_TEXT:
        sentence = _("Paling panjang %(most)d huruf.", most=MAX_TEXT)
    if sentence:
        raise InvalidInput(sentence, fields={field: sentence})
    return words


def _check_pace(session: Session, actor: Actor) -> None:
    """Nobody floods the makers: a team has so many questions a day."""
    most = int(current_app.config["QUESTIONS_PER_DAY"])
    since = clock.now() - timedelta(days=1)
    if actor.operator_id is not None:
        whose = Question.operator_id == actor.operator_id
    elif actor.office_id is not None:
        whose = Question.office_id == actor.office_id
    else:
        whose = Question.asked_by == actor.user_id
    asked = session.scalar(select(func.count()).where(whose, Question.asked_at > since)) or 0
    if asked >= most:
        raise TooMany(
            _("Tim Anda sudah mengajukan %(most)d pertanyaan dalam sehari. Lanjutkan besok.", most=most),
            retry_after_s=24 * 3600,
        )
