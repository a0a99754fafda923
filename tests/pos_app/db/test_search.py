"""Searching as one types: codes, SKUs, pinyin initials, Chinese and English words (U19)."""

from __future__ import annotations

import pytest

from domain.catalog import ItemStatus
from pos_app.wiring import TillApp
from tests.builders import Goods, Replica, ean13, item

NAMES = [
    ("农夫山泉 550ml", "Nongfu Spring 550ml", "nfsq550ml"),
    ("农夫山泉 东方树叶 乌龙茶 500ml", "Oriental Leaf Oolong", "nfsqdfsywlc500ml"),
    ("农夫果园 橙汁", "Farmer's Orchard Orange", "nfgycz"),
    ("南方酥糖", "Southern Crisp Candy", "nfst"),
    ("可口可乐 330ml", "Coca-Cola 330ml", "kkkl330ml"),
    ("百事可乐 330ml", "Pepsi Cola 330ml", "bskl330ml"),
    ("乐可芬 糖", "Lekofen Sweets", "lkft"),
    ("山泉水 农夫 5L", "Mountain Spring 5L", "sqsnf5l"),
    ("Ａ４复印纸", "A4 Copy Paper", "a4fyz"),
    ("鸡蛋 散装", "Loose Eggs", "jdsz"),
]


@pytest.fixture
def goods(till: TillApp, replica: Replica) -> None:
    made = [
        Goods(item(100 + n, name_zh=zh, name_en=en, pinyin=py, sku=f"K{n:04d}"), 500 + n, ean13(100 + n))
        for n, (zh, en, py) in enumerate(NAMES)
    ]
    sold_out = Goods(item(150, name_zh="可乐停售", pinyin="klts", status=ItemStatus.RETIRED), 1, ean13(150))
    replica.connection.execute("DELETE FROM item")
    replica.connection.execute("DELETE FROM barcode")
    replica.add_goods([*made, sold_out])
    replica.reindex()


def names(till: TillApp, text: str, limit: int = 50) -> list[str]:
    return [found.item.name_zh for found in till.catalog.search(text, limit)]


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize("text", ["nfsq", "NFSQ", "ｎｆｓｑ", "nfsq5"])
def test_initials_find_the_water_in_the_top_three(till: TillApp, text: str) -> None:
    """U19"""
    assert "农夫山泉 550ml" in names(till, text)[:3]


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("可乐", {"可口可乐 330ml", "百事可乐 330ml"}),
        ("口可乐", {"可口可乐 330ml"}),
        ("可口乐", set()),
        ("蛋", {"鸡蛋 散装"}),
        ("山泉", {"农夫山泉 550ml", "农夫山泉 东方树叶 乌龙茶 500ml", "山泉水 农夫 5L"}),
        ("山泉 5l", {"山泉水 农夫 5L"}),
        ("可乐 330", {"可口可乐 330ml", "百事可乐 330ml"}),
        ("cola", {"可口可乐 330ml", "百事可乐 330ml"}),
        ("pepsi co", {"百事可乐 330ml"}),
        ("oolong", {"农夫山泉 东方树叶 乌龙茶 500ml"}),
        ("a4", {"Ａ４复印纸"}),
        ("A4复印", {"Ａ４复印纸"}),
        ("K0004", {"可口可乐 330ml"}),
        ("k0004", {"可口可乐 330ml"}),
        ("69000000010", {name for name, _, _ in NAMES}),
        (ean13(104), {"可口可乐 330ml"}),
        ("0" + ean13(104), {"可口可乐 330ml"}),
        ("停售", set()),
        ("", set()),
        ("   ", set()),
        ("%", set()),
        ("'\"*()", set()),
        ("NEAR(可乐 AND", set()),
        ("没有这个", set()),
        ("\x00", set()),
    ],
)
def test_what_is_typed_finds_what_is_meant(till: TillApp, text: str, found: set[str]) -> None:
    assert set(names(till, text)) == found


@pytest.mark.usefixtures("goods")
def test_what_begins_with_it_comes_first_and_pages_do_not_overlap(till: TillApp) -> None:
    assert names(till, "山泉")[0] == "山泉水 农夫 5L"
    assert names(till, "农夫")[0] == "农夫果园 橙汁"
    whole = names(till, "330")
    assert whole == names(till, "330", 1) + [one.item.name_zh for one in till.catalog.search("330", 50, offset=1)]


@pytest.mark.usefixtures("goods")
def test_a_scanned_code_goes_before_everything(till: TillApp, replica: Replica) -> None:
    replica.add_goods([Goods(item(160, name_zh="自有码", sku="330", pinyin="zym"), 100, "330")])
    assert names(till, "330")[0] == "自有码"


@pytest.mark.usefixtures("goods")
def test_while_the_index_is_built_names_are_looked_through(till: TillApp, replica: Replica) -> None:
    replica.connection.execute("DELETE FROM sync_state WHERE key = 'search_pos'")
    assert set(names(till, "口可乐")) == {"可口可乐 330ml"}
    assert "农夫山泉 550ml" in names(till, "nfsq")


@pytest.mark.usefixtures("goods")
def test_a_very_long_query_is_no_trouble(till: TillApp) -> None:
    assert names(till, "可乐" * 5000) == []


def test_words_behind_those_that_are_tried_first_are_found_too(till: TillApp, replica: Replica) -> None:
    """A beginning of very many words: what the first of them do not bring the rest does."""
    many = [f"Co{a}{b}" for a in "abcdef" for b in "abcdef"]
    goods = [Goods(item(200 + n, name_zh=f"{word} 茶", name_en=word, pinyin="c")) for n, word in enumerate(many)]
    replica.add_goods([*goods, Goods(item(300, name_zh="Cozz 咖啡", name_en="Cozz", pinyin="ckf"))])
    replica.reindex()
    assert set(names(till, "co", 100)) >= {f"{word} 茶" for word in many} | {"Cozz 咖啡"}
    assert names(till, "co 咖啡") == ["Cozz 咖啡"]
    assert names(till, "coff") == ["Coff 茶"]
