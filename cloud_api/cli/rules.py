"""``rules``: the live rule book of a price zone, to be read by ``evertill-price`` and kept with a decision."""

import argparse
import json

from cloud_api.cli.speech import say_line
from cloud_api.cli.wiring import open_cloud
from cloud_api.db.engine import reading
from cloud_api.services import rule_books
from cloud_api.settings import Settings
from domain.pricing_json import rule_book_to_data


def show_rule_book(settings: Settings, options: argparse.Namespace) -> None:
    """Print the newest book, or the version that is asked for, as JSON."""
    with open_cloud(settings) as cloud, reading(cloud.engine) as connection:
        if options.version is None:
            document = rule_book_to_data(rule_books.live_book(connection, options.zone))
        else:
            document = rule_books.get_book(connection, options.zone, options.version)["document"]
    say_line(json.dumps(document, ensure_ascii=False))
