"""``make demo``: a cloud, a shop of real goods, a till; with a display you sell, without one a shopkeeper does."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from scripts.demo.cloud import Cloud, Headquarters
from scripts.demo.shop import Shop, open_shop
from scripts.demo.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "demo"
SCREEN = "1366x768x24"


def main() -> int:
    """Run the demo; 0 only if all it showed is true."""
    if not _has_display():
        return _again_on_a_virtual_display()
    shutil.rmtree(BUILD, ignore_errors=True)
    cloud = Cloud(BUILD / "cloud")
    print("1  云端启动，装入示例店 · the cloud starts and loads the sample shop", flush=True)
    cloud.prepare()
    cloud.start()
    try:
        hq = Headquarters(cloud.url, "hq", cloud.password)
        shop = open_shop(hq)
        return _alone(cloud, hq, shop) if os.environ.get("EVERTILL_DEMO_ALONE") else _for_you(cloud, shop)
    finally:
        cloud.stop()


def _for_you(cloud: Cloud, shop: Shop) -> int:
    """Enrol a till, open its window and leave it to the person in front of it."""
    # start-up: Qt only once there is a display
    from pos_app.__main__ import main as till
    from pos_app.services.enrolment import Enrolment

    folder = BUILD / "till"
    Enrolment(folder).enrol(cloud.url, shop.enrolment_code)
    print("\n收银机已注册，窗口即将打开。The till is enrolled, its window opens.")
    for operator, pin in shop.pins.items():
        print(f"   {operator}  PIN {pin}")
    print(f"HQ: {cloud.url}/v1/hq  user hq  password {cloud.password}\n", flush=True)
    return till(["--data", str(folder)])


def _alone(cloud: Cloud, hq: Headquarters, shop: Shop) -> int:
    """A shopkeeper's morning, played by itself in a thread beside the till's real window."""
    # start-up: Qt only once there is a display
    from pos_app.__main__ import main as till
    from scripts.demo.shopkeeper import Morning

    wire = Wire(("127.0.0.1", cloud.port))
    morning = Morning(BUILD, wire, hq, shop=shop)
    thread = threading.Thread(target=morning.run, name="shopkeeper", daemon=True)
    thread.start()
    code = till(["--data", str(morning.till_folder), "--language", "zh", "--fullscreen"])
    thread.join(timeout=30)
    wire.close()
    if code:
        morning.failures.append(f"the till ended with {code}")
    return morning.conclude(cloud)


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _again_on_a_virtual_display() -> int:
    print("没有显示器：在虚拟屏上自动演示 · no display: a shopkeeper plays the morning on a virtual one", flush=True)
    environment = os.environ | {"EVERTILL_DEMO_ALONE": "1", "QT_QPA_PLATFORM": "xcb"}
    server = ["xvfb-run", "--auto-servernum", "--server-args", f"-screen 0 {SCREEN} -nolisten tcp"]
    return subprocess.run(
        [*server, sys.executable, "-m", "scripts.demo"], env=environment, cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
