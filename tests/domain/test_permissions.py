"""Who may do what alone, and what an approval adds."""

from __future__ import annotations

import pytest

from domain.errors import NotPermitted
from domain.permissions import Act, Authority, Operator, Role
from tests.builders import CASHIER, MANAGER, SUPERVISOR

ALONE = {
    Role.CASHIER: {Act.SELL, Act.VOID_LINE, Act.REPRINT, Act.SEE_HEALTH, Act.RECALL_OTHERS},
    Role.SUPERVISOR: set(Act) - {Act.CHANGE_SETTINGS},
    Role.MANAGER: set(Act),
}


@pytest.mark.parametrize("operator", [CASHIER, SUPERVISOR, MANAGER])
@pytest.mark.parametrize("act", list(Act))
def test_the_matrix(operator: Operator, act: Act) -> None:
    allowed = act in ALONE[operator.role]
    assert operator.may(act) == allowed
    if allowed:
        Authority(operator).require(act)
    else:
        with pytest.raises(NotPermitted) as caught:
            Authority(operator).require(act)
        assert caught.value.params == {"act": act.value}


def test_an_approver_lends_what_is_missing_and_is_named() -> None:
    with_help = Authority(CASHIER, SUPERVISOR)
    with_help.require(Act.OVERRIDE_PRICE)
    assert with_help.approved_by == SUPERVISOR.operator_id
    assert Authority(CASHIER).approved_by is None


def test_two_cashiers_are_no_supervisor() -> None:
    with pytest.raises(NotPermitted):
        Authority(CASHIER, CASHIER).require(Act.VOID_CART)
