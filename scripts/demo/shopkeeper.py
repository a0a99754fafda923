"""A shopkeeper's morning at the till's real window, and whether it was as it seemed."""

from pathlib import Path

import sqlalchemy as sa
from PySide6.QtWidgets import QApplication

from domain.money import format_minor
from domain.receipt import Receipt
from pos_app.bootstrap import Running
from pos_app.devices.preview import to_pdf, to_png
from pos_app.ui.face import Face
from pos_app.ui.office_screens import OfficeScreens
from pos_app.viewmodels.status import StatusFacts
from pos_app.viewmodels.wizard import WizardState
from scripts.demo.cloud import Cloud, Headquarters
from scripts.demo.hands import Hands
from scripts.demo.shop import Shop, item_by_code
from scripts.demo.truth import price_in_replica, sold_at_till, sold_in_cloud
from scripts.demo.wire import Wire

WATER, COLA, NOODLES, YOGHURT, CRISPS = (
    "6922255447833",
    "6928804014570",
    "6903252060065",
    "6907992521657",
    "6924743919266",
)
CASHIER = "1001"
SALES = 5
"""How many sales the morning has."""
SCANS_TO_LEARN = 3
PRICE_WITHIN_S = 1.0
"""A price changed at HQ has to be on the open till within this."""


class Morning:
    """The steps of the morning; what it found out is in ``failures`` and in the summary."""

    def __init__(self, folder: Path, wire: Wire, hq: Headquarters, *, shop: Shop) -> None:
        self.till_folder = folder / "till"
        self._folder, self._wire, self._hq, self._shop = folder, wire, hq, shop
        self.failures: list[str] = []
        self.facts: list[str] = []
        self._step = 1

    def run(self) -> None:
        """Play it; whatever goes wrong is kept as a failure, and the window is closed."""
        hands: Hands | None = None
        try:
            hands = Hands(self._folder / "screens")
            self._play(hands)
        except (RuntimeError, AssertionError) as error:
            self.failures.append(str(error))
            if hands:
                hands.picture("failed")
        finally:
            if hands:
                hands.look(QApplication.quit)

    def _play(self, hands: Hands) -> None:
        for words, act in (
            ("首次运行：注册、试打印 · first run: enrol, try the printer", self._first_run),
            ("输入 PIN 登录 · sign on by PIN", self._sign_on),
            ("扫码 · scan", self._scan),
            ("现金收款 · a sale paid in cash", self._pay_cash),
            ("断网 · the network is cut", self._cut),
            ("断网照常收银 · sales go on", self._sell_offline),
            ("网络恢复，补传 · the network is back, everything is sent", self._reconnect),
            ("总部改价，立即上屏 · HQ changes a price, it arrives on screen", self._price_change),
            ("切换英文和深色 · English, dark", self._other_face),
        ):
            self._say(words)
            act(hands)

    def _say(self, words: str) -> None:
        self._step += 1
        print(f"{self._step}  {words}", flush=True)

    def _fact(self, words: str) -> None:
        self.facts.append(words)
        print(f"     {words}", flush=True)

    # The steps -----------------------------------------------------------------------------------------

    def _first_run(self, hands: Hands) -> None:
        hands.see_screen("first_run")
        hands.picture("language")
        hands.keys("Enter")
        hands.fill("总部地址", self._wire.url)
        hands.fill("注册码", self._shop.enrolment_code)
        hands.picture("enrol")
        hands.keys("Enter")
        hands.see_screen("wizard")
        hands.see(lambda: wizard().is_ready, "the catalogue does not come", 60)
        hands.picture("store")
        hands.keys("Enter")
        self._try_printer(hands)
        for _ in range(SCANS_TO_LEARN):
            hands.scan(WATER)
        hands.see(lambda: wizard().result == "passed", "the scanner is not learnt")
        hands.picture("scanner")
        hands.keys("Enter")
        hands.see(lambda: wizard().step == "drawer", "the drawer's page does not come")
        hands.keys("Enter")
        hands.see(lambda: "drawer" in wizard().was_tested, "the drawer is not kicked")
        hands.keys("Enter")
        hands.see(lambda: wizard().step == "practice", "the sale to practise does not come")
        hands.scan(COLA)
        hands.picture("practice")
        hands.keys("Enter")
        hands.see(lambda: wizard().step == "done", "the first run does not end")
        hands.picture("ready")
        hands.keys("Enter")

    def _try_printer(self, hands: Hands) -> None:
        hands.see(lambda: wizard().step == "printer", "the printer's page does not come")
        hands.touch("设备文件")
        hands.fill("地址", str(self._folder / "printer.escpos"))
        hands.keys("Enter")
        hands.see(lambda: "printer" in wizard().was_tested, "the test page is not printed")
        hands.picture("printer")
        hands.keys("Enter")
        hands.see(lambda: wizard().step == "scanner", "the scanner's page does not come")

    def _sign_on(self, hands: Hands) -> None:
        hands.see_screen("sign_on")
        hands.picture("sign-on")
        hands.touch(CASHIER)
        hands.keys(*self._shop.pins[CASHIER], "Enter")
        hands.see_screen("sale")

    def _scan(self, hands: Hands) -> None:
        for code in (WATER, NOODLES, CRISPS):
            hands.scan(code)
        hands.keys("3", "*")
        hands.scan(COLA)
        hands.scan(_scale_label("10001", amount_minor=832))
        hands.see(lambda: len(face().sale.state.priced.lines) == 5, "five lines do not appear")
        hands.picture("sale")

    def _pay_cash(self, hands: Hands) -> None:
        due = hands.look(lambda: face().sale.state.priced.due_minor)
        hands.keys("+")
        hands.see_screen("pay")
        hands.keys(*"200")
        hands.picture("pay")
        hands.keys("Enter")
        hands.see_screen("done")
        hands.picture("done")
        self._fact(f"应收 due {yuan(due)}，实收 tendered 200.00")

    def _cut(self, hands: Hands) -> None:
        self._wire.pull()
        hands.see(lambda: face().status.pill.key.startswith("status.offline"), "the till does not show offline")
        hands.picture("offline")

    def _sell_offline(self, hands: Hands) -> None:
        for codes in ((WATER,), (COLA, CRISPS), (NOODLES, YOGHURT, WATER)):
            for code in codes:
                hands.scan(code)
            hands.keys("+")
            hands.see_screen("pay")
            hands.keys("+")
            hands.see_screen("done")
        unsent = hands.look(lambda: status().unsent)
        hands.see(lambda: status().unsent >= 3, f"{unsent} unsent entries, three or more expected")
        hands.picture("sold-offline")
        self._fact(f"断网时成交 sold offline: 3，待上传 unsent: {hands.look(lambda: status().unsent)}")

    def _reconnect(self, hands: Hands) -> None:
        self._wire.plug()
        took = hands.see(_all_sent, "not everything was sent", 60)
        self._fact(f"恢复后 {took:.1f} 秒全部上传 all sent {took:.1f} s after the network came back")

    def _price_change(self, hands: Hands) -> None:
        hands.scan(WATER)
        hands.scan(CRISPS)
        item = item_by_code(self._hq, WATER)
        before = hands.look(lambda: _line_price(WATER))
        hands.picture("before-price-change")
        body = {"item_id": item["item_id"], "price_minor": before + 50}
        self._hq.call("PUT", "/prices/cn", body)
        took = hands.see(lambda: _line_price(WATER) == before + 50, "the new price does not arrive on screen")
        hands.picture("after-price-change")
        self._fact(
            f"改价 {took * 1000:.0f} 毫秒后上屏 the new price was on screen {took * 1000:.0f} ms after HQ's answer"
        )
        if took > PRICE_WITHIN_S:
            self.failures.append(f"the price took {took:.2f} s to arrive")
        in_replica = price_in_replica(self.till_folder / "replica", item["item_id"])
        if in_replica != before + 50:
            self.failures.append(f"the replica says {in_replica}")

    def _other_face(self, hands: Hands) -> None:
        hands.look(lambda: face().change_screen(language="en", theme="dark"))
        hands.picture("english-dark")
        hands.keys("+")
        hands.see_screen("pay")
        hands.picture("english-dark-pay")
        hands.keys("+")
        hands.see_screen("done")
        hands.see(_all_sent, "the last sale was not sent")
        self._keep_receipts(hands)

    def _keep_receipts(self, hands: Hands) -> None:
        """Each sale's receipt as on paper: a picture and a PDF."""
        folder = self._folder / "receipts"
        folder.mkdir()

        def layouts() -> dict[str, Receipt]:
            receipts, layout = face().till.receipts, face().printing.layout
            return {sale.receipt_no: layout.of_sale(sale.sale_id) for sale in receipts.today()}

        for number, receipt in hands.look(layouts).items():
            (folder / f"{number}.png").write_bytes(to_png(receipt))
            (folder / f"{number}.pdf").write_bytes(to_pdf(receipt))
        printed = (self._folder / "printer.escpos").read_bytes()
        pictures = sorted(folder.glob("*.png"))
        missing = [picture.stem for picture in pictures if picture.stem.encode() not in printed]
        if missing or len(pictures) != SALES:
            self.failures.append(f"the printer got {SALES - len(missing)} of {SALES} receipts")
        self._fact(
            f"小票 receipts: {len(pictures)}，都在打印机收到的 all of them in what the printer got: printer.escpos"
        )

    # The end -------------------------------------------------------------------------------------------

    def conclude(self, cloud: Cloud) -> int:
        """Compare both databases, write the summary, say how it went."""
        if not self.failures:
            self._compare(cloud)
        verdict = "全部属实 all of it is true" if not self.failures else "有误 WRONG: " + "; ".join(self.failures)
        lines = ["# 恒收演示 · Evertill demo", "", *(f"- {fact}" for fact in self.facts), "", verdict, ""]
        (self._folder / "summary.md").write_text("\n".join(lines), encoding="utf-8")
        print(f"\n{verdict}\n截图、小票、小结 screenshots, receipts, summary: {self._folder}", flush=True)
        return 1 if self.failures else 0

    def _compare(self, cloud: Cloud) -> None:
        till = sold_at_till(self.till_folder / "till.db")
        engine = sa.create_engine(f"sqlite:///{cloud.folder / 'cloud.db'}")
        there = sold_in_cloud(engine, f"{self._shop.store_id}-1")
        engine.dispose()
        self._fact(f"收银机 till: {till.count} 单 sales, {yuan(till.payable_minor)}")
        self._fact(f"云端 cloud: {there.count} 单 sales, {yuan(there.payable_minor)}")
        if till != there:
            self.failures.append("till and cloud differ")
        if till.count != SALES:
            self.failures.append(f"{till.count} sales instead of {SALES}")


def face() -> Face:
    """The face behind the till's window."""
    app = QApplication.instance()
    running = app.findChild(Running) if app else None
    assert running is not None, "the till is not open"
    return running.face


def wizard() -> WizardState:
    """Where the first run stands."""
    office = face().findChild(OfficeScreens)
    assert office is not None, "the first run is not there"
    return office.wizard.state


def yuan(minor: int) -> str:
    """An amount as the receipts write it."""
    return format_minor(minor, "CNY")


def status() -> StatusFacts:
    """How the till stands with the cloud."""
    return face().status.facts


def _all_sent() -> bool:
    return status().unsent == 0 and face().status.pill.key == "status.online"


def _line_price(code: str) -> int:
    lines = face().sale.state.priced.lines
    return next(line.unit_price_minor for line in lines if line.line.scanned_code == code)


def _scale_label(plu: str, *, amount_minor: int) -> str:
    digits = f"21{plu}{amount_minor:05d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)
