"""Somebody at HQ who makes one till after the other while the cloud is being disturbed."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import requests

from tests.contract.office import STORE, Office, Shop

PAUSE_S, TIMEOUT_S = 0.01, 45


@dataclass
class Chief:
    """HQ's hand that makes one till after the other, each under a key until it is answered."""

    url: str
    token: str
    stopping: threading.Event = field(default_factory=threading.Event)
    answers: dict[str, set[bytes]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    """How often which status came; 0 where none did."""
    succeeded_s: float = 0.0
    """When the last act was answered, by the monotonic clock."""

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Finish what is under way."""
        self.stopping.set()
        self.thread.join(60)
        assert not self.thread.is_alive()

    @property
    def tries(self) -> int:
        """How many requests that took."""
        return sum(self.statuses.values())

    def faults(self, office: Office) -> list[str]:
        """Acts that took effect never or twice, or whose second answer was not the first."""
        made = office.rows("SELECT label, count(*) AS n FROM terminal WHERE label LIKE 'TILL-%' GROUP BY label")
        times = {row["label"]: row["n"] for row in made}
        found = [f"{label} is there {times.get(label, 0)} times" for label in self.answers if times.get(label) != 1]
        return found + [f"{label}: {len(told)} answers" for label, told in self.answers.items() if len(told) > 1]

    def _work(self) -> None:
        while not self.stopping.is_set():
            label = f"TILL-{len(self.answers)}"
            self.answers[label] = {self._until_answered(label), self._until_answered(label)}

    def _until_answered(self, label: str) -> bytes:
        body = json.dumps({"label": label})
        headers = {
            "Authorization": self.token,
            "Idempotency-Key": f"key-of-{label}",
            "Content-Type": "application/json",
        }
        while True:
            try:
                answer = requests.post(
                    f"{self.url}/v1/hq/stores/{STORE}/tills", data=body, headers=headers, timeout=TIMEOUT_S
                )
                self.statuses[answer.status_code] += 1
                if answer.status_code < 500:
                    self.succeeded_s = time.monotonic()
                    return answer.content
            except requests.RequestException:
                self.statuses[0] += 1
            time.sleep(PAUSE_S)


def chief_of(shop: Shop) -> Chief:
    """At work with the rights of the shop's own user."""
    return Chief(shop.office.url, str(shop.hq._session.headers["Authorization"]))
