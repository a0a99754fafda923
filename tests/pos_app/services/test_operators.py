"""Sign-on: the right PIN, wrong ones and what they cost, also over a restart and a new clock (S5, S15)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import DomainError, NotFound, NotPermitted
from domain.ids import OperatorId
from domain.permissions import Act, Operator, Role
from pos_app.wiring import Outside, TillApp, open_till
from sync.journal_store import iterate
from tests.builders import CASHIER, MANAGER, PINS, SUPERVISOR, Replica, TestClock

ME = CASHIER.operator_id


def raises_code(code: str) -> pytest.RaisesExc[DomainError]:
    return pytest.raises(DomainError, match=f"^{code.replace('.', '[.]')}$")


def fail(till: TillApp, operator_id: OperatorId = ME, *, times: int = 1) -> list[str]:
    """Enter wrong PINs; the codes they were refused with."""
    codes = []
    for _ in range(times):
        with pytest.raises(DomainError) as caught:
            till.operators.sign_on(operator_id, "000000")
        codes.append(caught.value.code)
    return codes


def journal(till: TillApp, kind: str) -> list[bytes]:
    with till.database.read() as uow:
        return [entry.fact.body for entry in iterate(uow.raw, 1) if entry.fact.kind == kind]


def test_who_may_sign_on_is_listed_by_name(till: TillApp, replica: Replica) -> None:
    replica.add_operator(Operator(OperatorId("1099"), "Gone", Role.CASHIER), "111111", active=False)
    assert till.operators.list() == sorted((CASHIER, SUPERVISOR, MANAGER), key=lambda one: one.name)
    with pytest.raises(NotFound):
        till.operators.sign_on(OperatorId("1099"), "111111")


def test_the_right_pin_signs_on_and_the_key_locks(till: TillApp) -> None:
    with raises_code("operator.not_signed_on"):
        till.operators.authority()
    assert till.operators.sign_on(ME, PINS[ME]) == CASHIER == till.operators.current
    assert till.operators.authority(SUPERVISOR).approved_by == SUPERVISOR.operator_id
    till.operators.lock("idle")
    till.operators.lock("key")
    with raises_code("operator.not_signed_on"):
        till.operators.authority()
    assert journal(till, "sign_on") == [b'{"operator_id":"1007"}']
    assert journal(till, "lock") == [b'{"by":"idle","operator_id":"1007"}']


def test_wrong_pins_cost_time_that_doubles_and_then_a_supervisor(till: TillApp, clock: TestClock) -> None:
    with raises_code("operator.wrong_pin") as caught:
        till.operators.sign_on(ME, "000000")
    assert caught.value.params == {"left": 4}
    assert fail(till, times=4) == ["operator.wrong_pin"] * 3 + ["operator.locked_out"]
    with raises_code("operator.locked_out") as locked:
        till.operators.sign_on(ME, PINS[ME])
    assert locked.value.params == {"seconds": 30}
    for wait_s in (30, 60, 120, 240, 480):
        clock.pass_ms(wait_s * 1000 - 1)
        assert fail(till) == ["operator.locked_out"]
        assert till.operators.current is None
        clock.pass_ms(1)
        fail(till)
    clock.pass_ms(3_600_000)
    assert fail(till) == ["operator.needs_supervisor"]
    with raises_code("operator.needs_supervisor"):
        till.operators.sign_on(ME, PINS[ME])
    assert len(journal(till, "sign_on_failed")) == 10


def test_a_supervisor_releases_and_a_cashier_does_not(till: TillApp, clock: TestClock) -> None:
    fail(till, times=5)
    with pytest.raises(NotPermitted):
        till.operators.release(SUPERVISOR.operator_id, ME, pin=wait_and(clock, PINS[ME]))
    fail(till, times=1)
    till.operators.release(ME, SUPERVISOR.operator_id, pin=PINS[SUPERVISOR.operator_id])
    assert till.operators.sign_on(ME, PINS[ME]) == CASHIER
    assert journal(till, "sign_on_released") == [b'{"approved_by":"1001","operator_id":"1007"}']


def wait_and(clock: TestClock, pin: str) -> str:
    clock.pass_ms(30_000)
    return pin


def test_signing_on_forgives_ones_own_failures(till: TillApp) -> None:
    fail(till, times=4)
    till.operators.sign_on(ME, PINS[ME])
    assert fail(till, times=4) == ["operator.wrong_pin"] * 4


@pytest.mark.parametrize(("boot", "left_s"), [("boot-1", 20), ("boot-2", 30)])
def test_a_restart_forgives_nothing(
    directory: Path, till: TillApp, clock: TestClock, outside: Outside, boot: str, left_s: int
) -> None:
    """Of the app nothing changes; of the machine, whose clock may have been set meanwhile, the lock begins anew."""
    fail(till, times=5)
    till.close()
    clock.pass_ms(10_000)
    again = open_till(directory, outside=replace(outside, boot=boot))
    try:
        with raises_code("operator.locked_out") as caught:
            again.operators.sign_on(ME, PINS[ME])
        assert caught.value.params == {"seconds": left_s}
        clock.pass_ms(left_s * 1000)
        assert again.operators.sign_on(ME, PINS[ME]) == CASHIER
    finally:
        again.close()


def test_a_new_clock_forgives_nothing(till: TillApp, clock: TestClock) -> None:
    fail(till, times=5)
    clock.wall_ms += 10 * 86_400_000
    assert fail(till) == ["operator.locked_out"]


def test_a_clock_set_back_over_a_restart_locks_nobody_for_years(
    directory: Path, till: TillApp, clock: TestClock, outside: Outside
) -> None:
    fail(till, times=5)
    till.close()
    clock.wall_ms = 1000
    again = open_till(directory, outside=replace(outside, boot="boot-2"))
    try:
        with raises_code("operator.locked_out") as caught:
            again.operators.sign_on(ME, PINS[ME])
        assert caught.value.params["seconds"] == 30
        clock.pass_ms(30_000)
        assert again.operators.sign_on(ME, PINS[ME]) == CASHIER
    finally:
        again.close()


def test_nobody_guesses_more_than_twenty_times_an_hour(till: TillApp, clock: TestClock) -> None:
    """S5: over all operators of the till, whatever the guesser waits for, in any hour of three."""
    looked_at: list[int] = []
    start_ms = clock.mono_ms
    while clock.mono_ms - start_ms < 3 * 3_600_000:
        for operator in (CASHIER, SUPERVISOR, MANAGER):
            before = len(journal(till, "sign_on_failed"))
            fail(till, operator.operator_id)
            looked_at += [clock.mono_ms] * (len(journal(till, "sign_on_failed")) - before)
        clock.pass_ms(61_000)
    assert len(looked_at) >= 25, "the guesser did go on"
    assert max(sum(1 for one in looked_at if at <= one < at + 3_600_000) for at in looked_at) <= 20


def test_a_till_that_saw_too_many_wrong_pins_is_shut_for_an_hour(till: TillApp, clock: TestClock) -> None:
    for operator_id in ("1000", "1001", "1007") * 7:
        fail(till, OperatorId(operator_id))
        clock.pass_ms(150_000)
    with raises_code("operator.locked_out") as caught:
        till.operators.approve(Act.DISCOUNT, MANAGER.operator_id, pin=PINS[MANAGER.operator_id])
    assert int(str(caught.value.params["seconds"])) > 3000
    clock.pass_ms(3_600_000)
    assert till.operators.approve(Act.DISCOUNT, MANAGER.operator_id, pin=PINS[MANAGER.operator_id]) == MANAGER


def test_who_mistypes_and_then_signs_on_costs_the_till_nothing(till: TillApp) -> None:
    for _ in range(8):
        fail(till, times=3)
        till.operators.sign_on(ME, PINS[ME])
    assert fail(till) == ["operator.wrong_pin"]


def test_an_approval_is_the_supervisors_own_pin_for_one_act(till: TillApp) -> None:
    till.operators.sign_on(ME, PINS[ME])
    approver = till.operators.approve(Act.DISCOUNT, SUPERVISOR.operator_id, pin=PINS[SUPERVISOR.operator_id])
    till.operators.authority(approver).require(Act.DISCOUNT)
    with pytest.raises(NotPermitted):
        till.operators.approve(Act.DISCOUNT, ME, pin=PINS[ME])
    with pytest.raises(NotPermitted):
        till.operators.approve(Act.CHANGE_SETTINGS, SUPERVISOR.operator_id, pin=PINS[SUPERVISOR.operator_id])
    with raises_code("operator.wrong_pin"):
        till.operators.approve(Act.DISCOUNT, SUPERVISOR.operator_id, pin=PINS[ME])
    assert till.operators.current == CASHIER


def test_a_hash_that_is_none_opens_nothing(till: TillApp, replica: Replica) -> None:
    replica.connection.execute("UPDATE operator SET pin_hash = 'x' WHERE operator_id = ?", (ME,))
    with raises_code("operator.wrong_pin"):
        till.operators.sign_on(ME, PINS[ME])


def test_no_pin_is_written_anywhere(directory: Path, till: TillApp) -> None:
    till.operators.sign_on(ME, PINS[ME])
    fail(till, SUPERVISOR.operator_id)
    till.close()
    held = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    assert all(pin.encode() not in held for pin in PINS.values())
