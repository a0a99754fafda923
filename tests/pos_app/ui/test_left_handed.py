"""For the left hand what is touched most changes sides, on the screens of paying as well."""

from __future__ import annotations

from tests.pos_app.ui.conftest import Counter


def test_paying_changes_sides(counter: Counter) -> None:
    shell = counter.face.shell
    counter.hands.scan("6901285991219")
    counter.settle()
    counter.hands.keys("+", "5")
    pay, done = shell.screen_named("pay"), shell.screen_named("done")
    assert pay.finish.mapTo(shell, pay.finish.rect().center()).x() > shell.width() // 2  # type: ignore[attr-defined]
    counter.face.look.theme.set_mirrored(True)
    counter.settle()
    assert pay.finish.mapTo(shell, pay.finish.rect().center()).x() < shell.width() // 2  # type: ignore[attr-defined]
    counter.hands.keys("Enter")
    assert counter.screen == "done"
    assert done.next.mapTo(shell, done.next.rect().center()).x() < shell.width() // 2  # type: ignore[attr-defined]
