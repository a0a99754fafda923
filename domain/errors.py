"""The errors that people cause and that are safe to show them, each with a code.

Tree::

    DomainError(code, **params)      what a cashier, clerk or HQ user did or met; never a bug
    ├── NotPermitted                 the act needs a role or an approval that is missing
    └── NotFound                     what was asked for is not in the catalogue, store or list

The words of a code, in Chinese and English, are in ``resources/texts/errors.*.toml``: what happened,
whether money and data are safe, what to do.
"""


class DomainError(Exception):
    """A refusal with a stable ``code`` ("sale.price_missing") and the ``params`` that its text names."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class NotPermitted(DomainError):
    """The operator's role does not allow the act; ``params["act"]`` names it."""


class NotFound(DomainError):
    """What was asked for does not exist here."""
