"""Calls: carried out every second, and shown to every console; rounds wait where a call needs the dog."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fleet_server.calls import api
from fleet_server.calls.call_dispatch import PERIOD_S, CallDispatch
from fleet_server.calls.queries import recalls_open
from fleet_server.calls.recalling import object_to
from fleet_server.calls.tables import ALIVE, Call, Recall
from fleet_server.calls.views import call_view, recall_view
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.dispatch.assignment import Assignment

SHOWN_AFTER_END = timedelta(minutes=30)  # to a console that opens


def set_up(station: Station) -> None:
    """What the room does in a station."""
    dispatch = station.add(CallDispatch(station))
    station.every(PERIOD_S, dispatch.update)
    station.on_lead(lambda leads: dispatch.forget() if leads else None)
    station.events.on(Assignment, object_to)
    station.consoles.begin_with("calls", _beginning)
    station.consoles.show(Call, "call", _changed)
    station.consoles.begin_with("recalls", lambda session, _: _recalls(recalls_open(session)))
    station.consoles.show(Recall, "recall", _changed_recalls)


def _beginning(session: Session, now: datetime) -> list[dict[str, Any]]:
    recent = or_(Call.status.in_(ALIVE), Call.ended_at > now - SHOWN_AFTER_END)
    return _calls(session.scalars(select(Call).where(recent).order_by(Call.asked_at)))


def _changed(session: Session, ids: Collection[str], _now: datetime) -> list[dict[str, Any]]:
    return _calls(session.scalars(select(Call).where(Call.call_id.in_(ids))))


def _changed_recalls(session: Session, ids: Collection[str], _now: datetime) -> list[dict[str, Any]]:
    return _recalls(session.scalars(select(Recall).where(Recall.recall_id.in_(ids))))


def _calls(calls: Iterable[Call]) -> list[dict[str, Any]]:
    return [call_view(call).model_dump(mode="json") for call in calls]


def _recalls(recalls: Iterable[Recall]) -> list[dict[str, Any]]:
    return [recall_view(recall).model_dump(mode="json") for recall in recalls]


ROOM = Room(tables=(Call, Recall), api=(api.router,), set_up=set_up)
