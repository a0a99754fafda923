"""The live channel: events survive any chunking, and a channel that does not hold gives way to the next."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import live
from sync.feed import start
from sync.live import BadStream, Channel, ChannelChoice, ServerEvent, SseParser, news_of
from sync.messages import BucketHead, Ctl, cursor_text, parse_cursor
from tests.sync.builders import EPOCH, PRICE, head, page_after, put_price

line_text = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20).map(str.encode)
names = st.sampled_from(["page", "head", "ctl", ""])
events = st.lists(
    st.tuples(names, st.lists(line_text, min_size=1, max_size=3), st.sampled_from([b"\n", b"\r\n", b"\r"]))
)


def written(name: str, data: list[bytes], end: bytes) -> bytes:
    lines = ([b"event: " + name.encode()] if name else []) + [b"data: " + line for line in data] + [b": beat", b"id: 7"]
    return end.join(lines) + end + end


@given(events, st.data())
def test_events_come_out_whole_whatever_the_chunks(
    sent: list[tuple[str, list[bytes], bytes]], data: st.DataObject
) -> None:
    stream = b"".join(written(*event) for event in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    parser, got = SseParser(), []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += parser.feed(stream[begin:end])
    got += parser.feed(b"\n")  # a last \r waits for its \n
    assert got == [ServerEvent(name or "message", b"\n".join(lines)) for name, lines, _ in sent]


@given(st.binary(max_size=300), st.integers(1, 7))
def test_no_bytes_whatever_break_the_reader(noise: bytes, size: int) -> None:
    parser = SseParser()
    for begin in range(0, len(noise), size):
        for event in parser.feed(noise[begin : begin + size]):
            assert event.name


def test_heartbeats_and_nameless_blanks_are_no_events() -> None:
    assert SseParser().feed(b": beat\n\n\n\nevent: page\n\n") == []
    assert SseParser().feed(b"data\n\n") == [ServerEvent("message", b"")]


def test_a_line_without_end_is_given_up() -> None:
    parser = SseParser()
    with pytest.raises(BadStream):
        parser.feed(b"data: " + b"x" * live.LINE_BYTES_MAX)


def test_events_are_read_by_their_names() -> None:
    page = page_after(start(PRICE, EPOCH), [[put_price(1, 2, 3)]])
    assert news_of(ServerEvent("page", msgspec.json.encode(page))) == page
    assert news_of(ServerEvent("head", msgspec.json.encode(head(5)))) == BucketHead(b=PRICE, epoch=EPOCH, head=5, low=1)
    assert news_of(ServerEvent("ctl", b'{"what":"sub"}')) == Ctl(what="sub")
    assert news_of(ServerEvent("weather", b"{}")) is None


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b'{"b":1}', b"\xff"])
def test_data_that_cannot_be_read_ends_the_stream(data: bytes) -> None:
    with pytest.raises(BadStream):
        news_of(ServerEvent("page", data))


def test_a_cursor_survives_the_query() -> None:
    assert parse_cursor(cursor_text("store:01.2", EPOCH, seq=7)) == ("store:01.2", EPOCH, 7)
    with pytest.raises(ValueError, match="unpack"):
        parse_cursor("no cursor")


def closes(choice: ChannelChoice, times: int, *, lived_ms: int = 10, brought_bytes: bool = True) -> Channel:
    for _ in range(times):
        choice.ended(1000, lived_ms=lived_ms, brought_bytes=brought_bytes)
    return choice.now(1000)


def test_three_quick_closes_step_down_to_long_poll_and_then_to_hello() -> None:
    choice = ChannelChoice()
    assert closes(choice, 2) is Channel.STREAM
    assert closes(choice, 1) is Channel.LONG_POLL
    assert closes(choice, 2, brought_bytes=False) is Channel.LONG_POLL
    assert closes(choice, 1, brought_bytes=False) is Channel.HELLO
    assert closes(choice, 5) is Channel.HELLO


def test_a_stream_that_held_forgives_earlier_closes() -> None:
    choice = ChannelChoice()
    closes(choice, 2)
    closes(choice, 1, lived_ms=live.QUICK_MS)
    assert closes(choice, 2) is Channel.STREAM


def test_a_stream_that_a_proxy_holds_back_counts_however_long_it_lived() -> None:
    assert closes(ChannelChoice(), 3, lived_ms=40_000, brought_bytes=False) is Channel.LONG_POLL


def test_a_long_poll_with_news_or_with_a_real_wait_is_as_it_should_be() -> None:
    choice = ChannelChoice()
    closes(choice, 3)
    assert closes(choice, 9) is Channel.LONG_POLL
    assert closes(choice, 9, lived_ms=25_000, brought_bytes=False) is Channel.LONG_POLL


def test_after_a_while_the_stream_gets_another_chance() -> None:
    choice = ChannelChoice()
    closes(choice, 3)
    assert choice.now(1000 + live.TRY_AGAIN_MS - 1) is Channel.LONG_POLL
    assert choice.now(1000 + live.TRY_AGAIN_MS) is Channel.STREAM
