"""Making users and changing what is known of them."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import audit, clock, mailing
from ...db import unit_of_work
from ...errors import InvalidInput
from ...i18n import LOCALES, _
from ...permissions import Actor
from .. import passwords, rules
from ..models import SignIn, User


def create_user(
    *,
    actor: Actor | None = None,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    password: str | None = None,
    locale: str = "id",
) -> User:
    """A new user who can sign in by e-mail or phone; without a password they need a link or a code first.

    Without an actor people register themselves. Raises InvalidInput, with the fields that are wrong or taken.
    """
    values = _checked(name=name, email=email, phone=phone, locale=locale)
    if password is not None:
        rules.require_password(password, personal=(values["name"], values["email"], values["phone"]))
    user = User(**values, created_at=clock.now())
    user.password_hash = passwords.hash_password(password) if password is not None else None
    with unit_of_work() as session:
        _refuse_taken(session, values, except_id=None)
        session.add(user)
        _flush(session)
        audit.record(session, actor or Actor(user.id, user.name), "user.created", user)
    return user


def update_user(
    *, actor: Actor, user_id: int, name: str, email: str | None, phone: str | None, locale: str, password: str
) -> User:
    """Change one's own data. A new address or number needs the password, and the old address hears of it."""
    values = _checked(name=name, email=email, phone=phone, locale=locale)
    with unit_of_work() as session:
        user = session.get_one(User, user_id, with_for_update=True)
        before = {key: getattr(user, key) for key in values}
        if (before["email"], before["phone"]) != (values["email"], values["phone"]):
            _require_current(user, password, "password")
            _refuse_taken(session, values, except_id=user.id)
            if user.email:
                _tell(session, user, "contact_changed")
        for key, value in values.items():
            setattr(user, key, value)
        _flush(session)
        changed = {key for key, value in values.items() if before[key] != value}
        if changed:
            audit.record(
                session,
                actor,
                "user.updated",
                user,
                before={key: before[key] for key in changed},
                after={key: values[key] for key in changed},
            )
    return user


def change_password(*, actor: Actor, user_id: int, current: str, new: str, keep: str | None) -> None:
    """Give the account a new password and end every other sign-in; `keep` is the key of this one."""
    with unit_of_work() as session:
        user = session.get_one(User, user_id, with_for_update=True)
        _require_current(user, current, "current")
        set_password(session, user, new)
        session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.token_hash != (keep or "")))
        audit.record(session, actor, "user.password_changed", user)


def set_password(session: Session, user: User, password: str) -> None:
    """Check and keep a new password; the owner hears of it by mail."""
    rules.require_password(password, personal=(user.name, user.email, user.phone))
    is_first = user.password_hash is None
    user.password_hash = passwords.hash_password(password)
    if user.email and not is_first:
        _tell(session, user, "password_changed")


def _tell(session: Session, user: User, template: str) -> None:
    assert user.email is not None
    mailing.send(session, to=user.email, template=template, locale=user.locale, name=user.name)


def _require_current(user: User, password: str, field: str) -> None:
    if not passwords.is_right(user.password_hash, password):
        sentence = _("Kata sandi Anda sekarang tidak cocok.")
        raise InvalidInput(sentence, {field: sentence})


def _checked(*, name: str, email: str | None, phone: str | None, locale: str) -> dict[str, str | None]:
    name = " ".join(name.split())
    if not name or len(name) > rules.MAX_NAME:
        sentence = _("Tulis nama Anda, paling banyak %(count)s huruf.", count=rules.MAX_NAME)
        raise InvalidInput(sentence, {"name": sentence})
    if not email and not phone:
        sentence = _("Isi nomor HP atau surel, supaya Anda bisa masuk.")
        raise InvalidInput(sentence, {"phone": sentence})
    return {
        "name": name,
        "email": rules.require_email(email) if email else None,
        "phone": rules.require_phone(phone) if phone else None,
        "locale": locale if locale in LOCALES else "id",
    }


def _refuse_taken(session: Session, values: dict[str, str | None], *, except_id: int | None) -> None:
    sentences = {
        "email": _("Surel ini sudah dipakai sebuah akun. Masuk dengan akun itu, atau pakai surel lain."),
        "phone": _("Nomor HP ini sudah dipakai sebuah akun. Masuk dengan akun itu, atau pakai nomor lain."),
    }
    for field, sentence in sentences.items():
        if values[field] is None:
            continue
        column = getattr(User, field)
        owner = session.scalar(select(User.id).where(column == values[field]))
        if owner is not None and owner != except_id:
            raise InvalidInput(sentence, {field: sentence})


def _flush(session: Session) -> None:
    """Two people may register one number at the same moment; the database lets one of them through."""
    try:
        session.flush()
    except IntegrityError as error:
        sentence = _("Nomor HP atau surel ini baru saja dipakai sebuah akun. Coba masuk dengan akun itu.")
        raise InvalidInput(sentence, {"phone": sentence}) from error
