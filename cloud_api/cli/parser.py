"""The commands and their flags; running one and telling how it went."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy.exc

from cloud_api import VERSION
from cloud_api.cli import goods, people, server, shops
from cloud_api.cli.speech import complain
from cloud_api.errors import ApiProblem
from cloud_api.keys import MasterKeyUnreadable
from cloud_api.settings import from_environment
from domain.errors import DomainError

DESCRIPTION = (
    "恒收云端：建库、启动、导入商品、管理用户和收银机。"
    "The Evertill cloud: set up, serve, import goods, manage users and tills."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = refused (said why), 2 = the command was not understood."""
    options = make_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.command == "serve" else logging.WARNING, format="%(message)s")
    try:
        settings = from_environment().with_changes(data_dir=options.data, database_url=options.database)
        result: int = options.run(settings, options) or 0
    except (ApiProblem, DomainError) as problem:
        complain(problem)
        return 1
    except MasterKeyUnreadable as error:
        complain(ApiProblem(500, "cloud.master_key", file=str(error)))
        return 1
    except (sqlalchemy.exc.OperationalError, sqlalchemy.exc.ProgrammingError) as error:
        logging.getLogger(__name__).debug("database", exc_info=error)
        complain(ApiProblem(503, "cloud.database_away"))
        return 1
    except (ValueError, FileNotFoundError) as error:
        complain(ApiProblem(400, "cloud.bad_option", option=str(error)))
        return 1
    except KeyboardInterrupt:
        return 130
    return result


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(prog="evertill-cloud", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"evertill-cloud {VERSION}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, help="数据目录 data directory (EVERTILL_CLOUD_DATA_DIR)")
    shared.add_argument("--database", help="sqlite:///… | postgresql://… (EVERTILL_CLOUD_DATABASE_URL)")
    commands = parser.add_subparsers(dest="command", required=True)
    for module in (server, goods, people, shops):
        module.add_commands(commands, shared)
    return parser


if __name__ == "__main__":
    sys.exit(main())
