"""Why something was done by hand: a short list, kept in the record as the words of the store's language."""

from collections.abc import Sequence

from pos_app.ui.look import Look
from pos_app.ui.tokens import SMALL
from pos_app.ui.widgets.button import Shape
from pos_app.ui.widgets.choices import Choices

PRICE_REASONS = ("price_tag", "near_expiry", "damaged", "agreed", "other")
VOID_REASONS = ("changed_mind", "no_money", "mistake", "other")
DRAWER_REASONS = ("make_change", "check_cash", "other")


class ReasonChoices(Choices):
    """Choices of reasons; ``reason`` is the key that goes into the record."""

    def __init__(self, look: Look, keys: Sequence[str], *, columns: int = 3) -> None:
        super().__init__(look, columns=columns, shape=Shape(48, SMALL, pad=16))
        self._keys = keys
        look.words.changed.connect(self.retranslate)
        self.retranslate()

    @property
    def reason(self) -> str:
        """The key of the marked reason."""
        return self._keys[self.marked]

    def retranslate(self) -> None:
        """Say the reasons."""
        self.show_choices([self._look.words(f"sale.reason.{key}") for key in self._keys])
