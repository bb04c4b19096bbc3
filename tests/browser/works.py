"""Long works in every state, as rows that no worker touches: for looking at their pages."""

from datetime import timedelta

from sqlmodel import col, select

from matching.model import Pace, Person, Task, Zone
from tests.browser.site import Site


def works(site: Site, login: str) -> str:
    """A re-match under way and older works of the zone that the account is staff of; gives the first's public id. The index's
    own are for administrators."""
    with site.parts.database.write() as unit:
        session, now = unit.session, unit.now()
        person = session.exec(select(Person).where(Person.login == login)).one()
        zone = session.exec(select(Zone).where(Zone.code == login)).one()
        running = Task(
            kind="match_zone", key=zone.code, state="running", stage="scoring", done=180, total=412, attempts=1,
            zone_id=zone.id, asked_by_id=person.id, asked_at=now - timedelta(minutes=3), started_at=now - timedelta(seconds=95),
        )  # fmt: skip
        session.add(running)
        session.add(Task(kind="reindex", key="now", asked_at=now - timedelta(minutes=1)))
        for hours, kind, state, problem, figures in (
            (2, "gate", "failed", "EngineUnavailable", {}),
            (5, "match_zone", "cancelled", "", {}),
            (26, "match_zone", "done", "", {"pairs": 1834}),
            (30, "reindex", "done", "", {"written": 454}),
        ):
            begun = now - timedelta(hours=hours)
            of_zone = zone.id if kind == "match_zone" else None
            session.add(
                Task(
                    kind=kind,
                    key=f"{kind}-{hours}",
                    state=state,
                    problem=problem,
                    figures=figures,
                    zone_id=of_zone,
                    attempts=1,
                    asked_at=begun,
                    started_at=begun,
                    finished_at=begun + timedelta(seconds=47 * hours),
                )
            )
        session.flush()
        marks = [[float(at), at * 2.0] for at in range(0, 91, 3)]
        session.add(Pace(key=running.public_id, stage="scoring", since=now - timedelta(seconds=90), marks=marks))
        unit.commit()
        return session.exec(select(Task.public_id).where(col(Task.state) == "running")).one()
