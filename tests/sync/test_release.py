"""Releases: how they are ordered, and who is too old for whom."""

from __future__ import annotations

import tomllib

import pytest

import pos_app
from sync.release import ANY, RELEASE, is_too_old, release_in, release_of, user_agent
from tests.tidy_rules import ROOT

UNREADABLE = (
    "",
    "v1",
    "evertill",
    "1.",
    "1..2",
    "1.2.3.4.5.6.7.8.9",
    "1234567890",
    "-1",
    " 1",
    "\N{ARABIC-INDIC DIGIT ONE}",
)


def test_the_product_has_one_release() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == pos_app.__version__ == RELEASE
    assert release_of(RELEASE)


def test_releases_are_ordered_by_their_numbers() -> None:
    ordered = ["0.1", "0.1.1", "0.2.0rc1", "0.9", "0.10", "1", "1.0.0.1", "2.0"]
    found = [release_of(text) for text in ordered]
    assert found == sorted(found, key=lambda one: one or ())
    assert len(set(found)) == len(ordered)
    assert release_of("0.2.0rc1") == release_of("0.2") == release_of("0.2.0+deb1") == (0, 2)


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_release_is_too_old_for_any_but_0(text: str) -> None:
    assert release_of(text) is None
    assert is_too_old(text, "0.0.1")
    assert not is_too_old(text, ANY)
    assert not is_too_old(text, "0.0")


def test_too_old_is_below_the_least() -> None:
    assert is_too_old("0.1.9", "0.2")
    assert not is_too_old("0.2", "0.2.0")
    assert not is_too_old("0.10", "0.9")


def test_a_request_names_its_release() -> None:
    assert release_in(user_agent("0.3.1")) == "0.3.1"
    assert release_in("curl/8.5") == release_in("") == release_in("evertill") == ""
