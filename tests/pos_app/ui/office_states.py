"""The rarer states of the screens around selling: many rows, long names, big amounts, errors, nothing yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from domain.errors import DomainError
from domain.ids import OperatorId, SaleId
from domain.permissions import Operator, Role
from pos_app.services.receipts import SaleSummary
from pos_app.viewmodels.health import HealthState
from pos_app.viewmodels.receipts import ReceiptsState
from pos_app.viewmodels.search import SearchState
from tests.pos_app.ui.office import Office

LONG_NAMES = (
    "Christopher Montgomery-Featherstone",
    "阿卜杜热西提·买买提艾力",
    "欧阳娜娜",
    "Li Na",
    "王芳",
    "Zhang Wei",
)
BIG_MINOR = 128_888_800


def people(office: Office) -> None:
    """More staff than tiles fit, some with long names."""
    model = office.screens.sign_on
    many = [
        Operator(OperatorId(str(2000 + at)), f"{LONG_NAMES[at % len(LONG_NAMES)]}", role)
        for at, role in enumerate((Role.CASHIER, Role.CASHIER, Role.SUPERVISOR) * 6)
    ]
    model._show(operators=tuple(many))
    office.counter.hands.keys("Down")


def sign_on_nobody(office: Office) -> None:
    model = office.screens.sign_on
    model._show(operators=(), chosen=None)


def sign_on_release(office: Office) -> None:
    """Somebody with too many wrong PINs, whom a supervisor has to free."""
    office.screens.sign_on.choose(OperatorId("1001"))
    office.screens.sign_on._show(error=DomainError("operator.needs_supervisor"))


def sign_on_releasing(office: Office) -> None:
    sign_on_release(office)
    office.screens.sign_on.ask_release()


def search_many(office: Office) -> None:
    office.sign_on()
    office.counter.hands.keys("F3")
    office.screen("search").search_for("6")
    office.counter.hands.keys("PgDn")


def search_without_goods(office: Office) -> None:
    search_many(office)
    office.screens.search._show(SearchState(is_ready=False))


def search_broken(office: Office) -> None:
    search_many(office)
    office.screens.search._show(SearchState(error=DomainError("till.database_damaged")))


def today_many(office: Office) -> None:
    """A long day with big amounts, long numbers and a long name."""
    office.sign_on()
    office.sell()
    office.counter.face.shell.go("today")
    office.wait(200)
    model, screen = office.screens.receipts, office.screen("today")
    first = model.state.sales[0]
    screen.name_of = lambda _: LONG_NAMES[0]
    many = [
        replace(
            first, sale_id=SaleId(f"s{at}"), receipt_no=number_of(at), payable_minor=amount_of(at), lines=1 + at % 40
        )
        for at in range(30)
    ]
    sales: tuple[SaleSummary, ...] = tuple(replace(sale, uploaded=at > 2) for at, sale in enumerate(many))
    model._show(replace(model.state, sales=sales, has_more=True, marked=1))


def number_of(at: int) -> str:
    return f"0102-12B-{999_999 - at:06}"


def amount_of(at: int) -> int:
    return BIG_MINOR if at % 3 == 0 else 1_234_500 + at


def today_nothing(office: Office) -> None:
    office.sign_on()
    office.sell()
    office.counter.face.shell.go("today")
    office.counter.hands.type("98765")
    office.counter.settle()


def today_broken(office: Office) -> None:
    office.sign_on()
    office.counter.face.shell.go("today")
    office.screens.receipts._show(ReceiptsState(error=DomainError("till.database_damaged")))


def health_page(office: Office) -> None:
    office.sign_on()
    office.counter.face.shell.go("health")
    office.wait(200)
    office.screens.health._timer.stop()


def health_reading(office: Office) -> None:
    health_page(office)
    office.screens.health._show(HealthState())


def health_broken(office: Office) -> None:
    health_page(office)
    office.screens.health._show(HealthState(error=DomainError("till.database_damaged")))


def health_checking(office: Office) -> None:
    health_page(office)
    model = office.screens.health
    model._show(replace(model.state, is_checking=True, checked=(1_250_000, 3_500_000)))


def health_warned(office: Office) -> None:
    """A full disk, an old catalogue and a wrong clock at once, found by a check."""
    health_page(office)
    model = office.screens.health
    assert model.state.facts is not None
    facts = replace(
        model.state.facts, warnings=("till.disk_low", "till.clock_off", "till.prices_old"), clock_offset_ms=7_200_000
    )
    facts = replace(facts, disk_free_bytes=80 << 20, price_age_ms=3 * 86_400_000, integrity="row 7 missing from index")
    model._show(replace(model.state, facts=facts))


def health_held(office: Office) -> None:
    """Two sales and more that HQ has to look at."""
    office.sign_on()
    office.sell()
    seq = office.counter.till.health.facts().journal_seq
    waiting = [(seq, "entry.hash_wrong"), (seq - 1, "entry.version_unknown"), (2, "terminal.revoked")]
    office.counter.face.status.take({"state": "online", "held": 5, "held_entries": waiting})
    office.counter.face.shell.go("health")
    office.wait(200)


def settings_network(office: Office) -> None:
    office.sign_on("9001")
    office.counter.face.shell.go("settings")
    office.counter.hands.keys("PgDn", "F5")
    office.wait(500)


def settings_drawer(office: Office) -> None:
    office.sign_on("9001")
    office.counter.face.shell.go("settings")
    office.counter.hands.keys("PgDn", "PgDn", "F6")
    office.wait(300)


def settings_scanner_idle(office: Office) -> None:
    office.sign_on("9001")
    office.counter.face.shell.go("settings")
    office.counter.hands.keys("PgDn", "PgDn", "PgDn")


def settings_asked(office: Office) -> None:
    """The panel that asks for a manager."""
    office.sign_on()
    office.counter.face.shell.go("settings")
    office.counter.hands.keys("PgDn", "F4")


def help_of(place: str) -> Callable[[Office], None]:
    def scene(office: Office) -> None:
        if place != "sign_on":
            office.sign_on()
            office.counter.face.shell.go(place)
        office.counter.settle()
        office.counter.hands.keys("F1")

    scene.__name__ = f"help_{place}"
    return scene


STATES = (
    people, sign_on_nobody, sign_on_release, sign_on_releasing, search_many, search_without_goods, search_broken,
    today_many, today_nothing, today_broken, health_reading, health_broken, health_checking, health_warned,
    health_held, settings_network, settings_drawer, settings_scanner_idle, settings_asked,
    *(help_of(place) for place in ("sign_on", "search", "today", "health", "settings")),
)  # fmt: skip
