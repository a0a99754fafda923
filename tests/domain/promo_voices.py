"""Voices for tests of sentences: the product's words, and the names of a small shop."""

from __future__ import annotations

from domain.ids import ItemId
from domain.promotions.rule import Rule
from domain.promotions.sentences.rule_sentence import sentence
from domain.promotions.sentences.voice import Names, Voice
from resources import texts

NAMES = Names(
    items={
        ItemId(1): ("农夫山泉", "Nongfu Spring"), ItemId(2): ("乐事薯片", "Lay's Crisps"),
        ItemId(3): ("雨伞", "Umbrella"), ItemId(4): ("可乐 330ml", "Cola 330ml"), ItemId(5): ("纸巾", "Tissues"),
    },
    categories={"drinks": ("饮料", "Drinks"), "snacks": ("零食", "Snacks"), "tobacco": ("香烟", "Tobacco")},
    tiers={"gold": ("金卡", "Gold"), "silver": ("银卡", "Silver")},
    stores={"0102": ("人民路店", "Renmin Road"), "0103": ("中山路店", "Zhongshan Road")},
)  # fmt: skip


def said(rule: Rule, currency: str = "CNY") -> tuple[str, str]:
    """The sentence in Chinese and in English."""
    zh, en = (sentence(rule, Voice(language, currency, texts.text, NAMES)) for language in ("zh", "en"))
    return zh, en
