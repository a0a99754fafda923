"""The first look."""


def test_scan(counter, tmp_path):
    h = counter.hands
    h.scan("6901285991219")
    counter.settle()
    h.scan("6901285991219")
    counter.settle()
    h.scan("6924743915848")
    counter.settle()
    h.scan("6907992500133")
    counter.settle()
    h.scan("6922266446122")
    counter.settle()
    counter.face.shell.grab().save("/tmp/s1.png")
    assert len(counter.face.sale.state.priced.lines) == 4
    h.keys("+")
    assert counter.screen == "pay"
    h.type("200")
    counter.face.shell.grab().save("/tmp/s2.png")
    h.keys("Enter")
    assert counter.screen == "done"
    counter.face.shell.grab().save("/tmp/s3.png")
