"""A sample of real receipts priced without rules; the whole runs by ``python -m tests.domain.receipt_sums FOLDER``."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.promotions.benefits import PercentOff
from domain.promotions.rule import Rule, RuleStage
from domain.rulebook import RuleBook
from tests.domain.receipt_sums import main, prove

SAMPLE = Path(__file__).parent / "data" / "online_retail_sample.csv"
HEADER = "basket_id,item,qty,unit_price_cents,currency"


def test_real_receipts_give_their_own_sums() -> None:
    proof = prove(SAMPLE)
    assert proof.differences == []
    assert (proof.lines, len(proof.left_out), proof.receipts) == (328, 2, 70)
    assert proof.priced_minor == proof.own_minor == proof.unrounded_minor == 2_312_965
    assert proof.carts == 70 - len(proof.left_out)


def test_weights_returns_and_what_a_till_cannot_hold_at_once(tmp_path: Path) -> None:
    rows = ["a,x,0.335,999,CNY", "a,y,-0.5,101,CNY", ",z,1.5,33,CNY", "b,x,12000,7,CNY"]
    many = [f"c,{number},1,{number},CNY" for number in range(501)]
    (tmp_path / "baskets_made.csv").write_text("\n".join([HEADER, *rows, *many]), encoding="utf-8")
    proof = prove(tmp_path / "baskets_made.csv")
    assert proof.differences == []
    assert proof.priced_minor == 335 - 51 + 50 + 84_000 + 125_250
    assert (proof.receipts, proof.carts) == (4, 1 + 1 + 1 + 1 + 2)


def test_a_sum_that_differs_is_found_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cheaper = RuleBook(rules=(Rule("r", 1, RuleStage.ORDER, PercentOff(100)),))
    assert len(prove(SAMPLE, cheaper).differences) > 30
    assert main(str(tmp_path)) == 1
    (tmp_path / "baskets.csv").write_bytes(SAMPLE.read_bytes())
    assert main(str(tmp_path)) == 0
    assert "328 lines, 70 receipts" in capsys.readouterr().out
