"""The goods of a scope in words."""

from domain.promotions.scope import ALL_GOODS, Scope
from domain.promotions.sentences.figures import money
from domain.promotions.sentences.voice import Voice


def goods(voice: Voice, scope: Scope, key: str = "and") -> str:
    """Drinks and Snacks (except beer); empty for all goods without any limit."""
    if scope == ALL_GOODS:
        return ""
    named = voice.listed(_named(voice, scope, positive=True), key)
    ranged = _with_range(voice, scope, named)
    outside = _named(voice, scope, positive=False)
    if not scope.reduced:
        outside.append(voice.say("goods.reduced"))
    return voice.say("goods.except", goods=ranged, outside=voice.listed(outside)) if outside else ranged


def some_goods(voice: Voice, scope: Scope) -> str:
    """The same where a word must stand: 商品, goods."""
    return goods(voice, scope, "or") or voice.say("goods.any")


def spaced(voice: Voice, words: str) -> str:
    """With a space where Chinese goes on after a letter or figure: 可乐 330ml 特价."""
    return f"{words} " if voice.language == "zh" and words[-1:].isascii() and words[-1:].isalnum() else words


def _named(voice: Voice, scope: Scope, *, positive: bool) -> list[str]:
    items, brands, categories, tags = (
        (scope.items, scope.brands, scope.categories, scope.tags)
        if positive
        else (scope.not_items, scope.not_brands, scope.not_categories, scope.not_tags)
    )
    return [
        *(voice.name(voice.names.categories.get(name), name) for name in sorted(categories)),
        *(voice.say("goods.brand", brand=name) for name in sorted(brands)),
        *(voice.say("goods.tag", tag=name) for name in sorted(tags)),
        *(voice.name(voice.names.items.get(item_id), item_id) for item_id in sorted(items)),
    ]


def _with_range(voice: Voice, scope: Scope, named: str) -> str:
    least, most = scope.price_from_minor, scope.price_until_minor
    if not least and most is None:
        return named or voice.say("goods.all")
    named = named or voice.say("goods.any")
    if most is None:
        return voice.say("goods.from", goods=named, least=money(voice, least))
    if not least:
        return voice.say("goods.until", goods=named, most=money(voice, most))
    return voice.say("goods.range", goods=named, least=money(voice, least), most=money(voice, most))
