"""Who may do what at HQ: roles, permissions, and the person behind a request."""

from dataclasses import dataclass
from enum import StrEnum

from cloud_api.problems import ApiProblem


class Permission(StrEnum):
    """What a route asks for; ``SELF`` is anybody who is signed in."""

    SELF = "self"
    USER_MANAGE = "user.manage"
    STORE_READ = "store.read"
    STORE_WRITE = "store.write"
    TILL_READ = "till.read"
    TILL_WRITE = "till.write"
    STAFF_READ = "staff.read"
    STAFF_WRITE = "staff.write"
    CATALOGUE_READ = "catalogue.read"
    CATALOGUE_WRITE = "catalogue.write"
    IMPORT_READ = "import.read"
    IMPORT_RUN = "import.run"
    PRICE_READ = "price.read"
    PRICE_WRITE = "price.write"
    RULE_READ = "rule.read"
    RULE_WRITE = "rule.write"
    RULE_PUBLISH = "rule.publish"
    QUOTE = "quote"
    QUICK_KEY_WRITE = "quick_key.write"
    SALE_READ = "sale.read"
    CASE_READ = "case.read"
    CASE_RESOLVE = "case.resolve"
    AUDIT_READ = "audit.read"


class HqRole(StrEnum):
    """A role at headquarters; a store manager is bound to stores."""

    ADMIN = "admin"
    MERCHANDISER = "merchandiser"
    STORE_MANAGER = "store_manager"
    AUDITOR = "auditor"


_P = Permission
_GOODS_READ = {
    _P.SELF, _P.STORE_READ, _P.CATALOGUE_READ, _P.PRICE_READ, _P.RULE_READ, _P.QUOTE, _P.SALE_READ
}  # fmt: skip
ALLOWED: dict[HqRole, frozenset[Permission]] = {
    HqRole.ADMIN: frozenset(Permission),
    HqRole.MERCHANDISER: frozenset(
        _GOODS_READ
        | {_P.CATALOGUE_WRITE, _P.PRICE_WRITE, _P.RULE_WRITE, _P.RULE_PUBLISH}
        | {_P.IMPORT_READ, _P.IMPORT_RUN, _P.QUICK_KEY_WRITE}
    ),
    HqRole.STORE_MANAGER: frozenset(
        _GOODS_READ | {_P.TILL_READ, _P.STAFF_READ, _P.STAFF_WRITE, _P.QUICK_KEY_WRITE, _P.CASE_READ, _P.CASE_RESOLVE}
    ),
    HqRole.AUDITOR: frozenset(_GOODS_READ | {_P.TILL_READ, _P.STAFF_READ, _P.IMPORT_READ, _P.CASE_READ, _P.AUDIT_READ}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks; ``stores`` are the only ones they may see, None for all."""

    user_name: str
    role: HqRole
    stores: frozenset[str] | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role has the permission."""
        return permission in ALLOWED[self.role]

    def require_store(self, store_id: str) -> None:
        """403 unless the store is one of theirs."""
        if self.stores is not None and store_id not in self.stores:
            raise ApiProblem(403, "cloud.other_store")

    def narrowed(self, store_id: str | None) -> list[str] | None:
        """The stores a list is to show: the asked one, else their own, else None for all."""
        if store_id is not None:
            self.require_store(store_id)
            return [store_id]
        return None if self.stores is None else sorted(self.stores)
