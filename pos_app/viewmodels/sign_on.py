"""Signing on and unlocking: who, wrong PINs, lock-outs and a supervisor's release."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from domain.clock import Clock
from domain.errors import DomainError
from domain.ids import OperatorId
from domain.permissions import Operator, Role
from pos_app.services.operators import Operators
from pos_app.tasks import Tasks

_MS = 1000
TICK_MS = 250


@dataclass(frozen=True, slots=True)
class SignOnState:
    """Everything the screen shows; the digits are its PIN field's alone."""

    operators: tuple[Operator, ...] = ()
    chosen: Operator | None = None
    checking: bool = False
    error: DomainError | None = None
    wait_s: int = 0
    """Seconds until the chosen operator may try again."""
    locked_operator: Operator | None = None
    """Who was signed on when the till locked: the cart is theirs and waits."""
    releasing: Operator | None = None
    """A locked-out operator for whom a supervisor is asked; ``chosen`` is then the supervisor."""

    @property
    def takes_digits(self) -> bool:
        """Whether a PIN may be typed now."""
        return self.chosen is not None and not self.checking and self.wait_s == 0

    @property
    def listed(self) -> tuple[Operator, ...]:
        """Whom to show: everybody, or for a release those who may release."""
        if self.releasing is None:
            return self.operators
        barred = self.releasing.operator_id
        return tuple(o for o in self.operators if o.role is not Role.CASHIER and o.operator_id != barred)


class SignOnViewModel(QObject):
    """``signed_on`` gives the operator. PINs are checked on the database worker, slow by design."""

    changed = Signal()
    signed_on = Signal(object)

    def __init__(self, operators: Operators, tasks: Tasks, *, clock: Clock) -> None:
        super().__init__()
        self._operators, self._tasks, self._clock = operators, tasks, clock
        self._until_ms: dict[OperatorId, int] = {}
        self.state = SignOnState()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._count_down)

    def load(self) -> None:
        """Read the staff; keep the choice where the person is still on the list."""
        try:
            operators = tuple(self._operators.list())
        except DomainError as error:
            self._show(operators=(), chosen=None, error=error)
            return
        known = {operator.operator_id: operator for operator in operators}
        kept = known.get(self.state.chosen.operator_id) if self.state.chosen else None
        alone = operators[0] if len(operators) == 1 else None
        self._show(operators=operators, error=None)
        self._choose(kept or alone)

    def locked(self, operator: Operator | None) -> None:
        """The till was locked: ask for the same person's PIN first, anybody else may take over."""
        self._show(locked_operator=operator, releasing=None, error=None, checking=False)
        self.load()
        self._choose(next((o for o in self.state.operators if operator and o == operator), self.state.chosen))

    def choose(self, operator_id: OperatorId) -> None:
        """Choose who signs on."""
        if not self.state.checking:
            self._choose(next((o for o in self.state.listed if o.operator_id == operator_id), None))

    def step(self, steps: int) -> None:
        """Choose the next on the list."""
        listed = self.state.listed
        if listed and not self.state.checking:
            at = listed.index(self.state.chosen) if self.state.chosen in listed else (-1 if steps > 0 else 0)
            self._choose(listed[(at + steps) % len(listed)])

    def back(self) -> None:
        """Choose again, or give the release up."""
        if self.state.checking:
            return
        if self.state.releasing is not None:
            barred = self.state.releasing
            self._show(releasing=None, error=None)
            self._choose(barred)
        elif len(self.state.operators) > 1 and self.state.locked_operator is None:
            self._choose(None)

    def typed(self) -> None:
        """A digit was typed: what was said of the one before is over."""
        if self.state.error is not None and not self.state.wait_s and not self.needs_supervisor:
            self._show(error=None)

    def submit(self, pin: str) -> None:
        """Check the PIN; a second Enter while it is being checked does nothing."""
        chosen, barred = self.state.chosen, self.state.releasing
        if chosen is None or not self.state.takes_digits or not pin:
            return
        self._show(checking=True, error=None)
        if barred is None:
            self._tasks.write(
                lambda: self._operators.sign_on(chosen.operator_id, pin), self._succeeded, on_error=self._failed
            )
        else:
            self._tasks.write(
                lambda: self._operators.release(barred.operator_id, chosen.operator_id, pin=pin),
                lambda _: self._released(barred),
                on_error=self._failed,
            )

    def ask_release(self) -> None:
        """Let a supervisor free the chosen, locked-out operator."""
        if self.state.chosen is not None and not self.state.checking:
            self._show(releasing=self.state.chosen, error=None)
            self._choose(next(iter(self.state.listed), None))

    @property
    def needs_supervisor(self) -> bool:
        """Whether the chosen operator is shut out until somebody releases them."""
        return self.state.error is not None and self.state.error.code == "operator.needs_supervisor"

    def close(self) -> None:
        """Stop counting."""
        self._tick.stop()

    def _choose(self, operator: Operator | None) -> None:
        if operator is None or operator != self.state.chosen:
            self._show(error=None)
        self._show(chosen=operator, wait_s=self._wait_s(operator))
        self._watch()

    def _succeeded(self, operator: Operator) -> None:
        self._until_ms.clear()
        self._show(checking=False, error=None, chosen=operator, locked_operator=None, releasing=None)
        self.signed_on.emit(operator)

    def _released(self, operator: Operator) -> None:
        self._until_ms.pop(operator.operator_id, None)
        self._show(checking=False, error=None, releasing=None)
        self._choose(operator)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, DomainError):
            self._show(checking=False)
            raise error
        seconds = error.params.get("seconds")
        if isinstance(seconds, int) and self.state.chosen is not None:
            self._until_ms[self.state.chosen.operator_id] = self._clock.monotonic_ms() + seconds * _MS
        self._show(checking=False, error=error, wait_s=self._wait_s(self.state.chosen))
        self._watch()

    def _wait_s(self, operator: Operator | None) -> int:
        until = self._until_ms.get(operator.operator_id, 0) if operator else 0
        return max(0, -(-(until - self._clock.monotonic_ms()) // _MS)) if until else 0

    def _watch(self) -> None:
        if self.state.wait_s:
            self._tick.start()
        else:
            self._tick.stop()

    def _count_down(self) -> None:
        wait_s = self._wait_s(self.state.chosen)
        if wait_s != self.state.wait_s:
            self._show(wait_s=wait_s, error=self.state.error if wait_s else None)
        self._watch()

    def _show(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.changed.emit()
