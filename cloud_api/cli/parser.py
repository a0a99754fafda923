"""Running one command and telling how it went."""

import logging
from collections.abc import Sequence
from importlib import import_module

import sqlalchemy.exc

from cloud_api.cli.commands import make_parser
from cloud_api.cli.speech import complain
from cloud_api.keys import MasterKeyUnreadable
from cloud_api.problems import ApiProblem
from cloud_api.settings import from_environment
from domain.errors import DomainError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = refused (said why), 2 = the command was not understood."""
    options = make_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.command == "serve" else logging.WARNING, format="%(message)s")
    module, _, name = options.run.partition(":")
    try:
        settings = from_environment().with_changes(data_dir=options.data, database_url=options.database)
        run = getattr(import_module(f"cloud_api.cli.{module}"), name)
        result: int = run(settings, options) or 0
    except (ApiProblem, DomainError) as problem:
        complain(problem)
    except MasterKeyUnreadable as error:
        complain(ApiProblem(500, "cloud.master_key", file=str(error)))
    except (sqlalchemy.exc.OperationalError, sqlalchemy.exc.ProgrammingError) as error:
        logging.getLogger(__name__).debug("database", exc_info=error)
        complain(ApiProblem(503, "cloud.database_away"))
    except (ValueError, FileNotFoundError) as error:
        complain(ApiProblem(400, "cloud.bad_option", option=str(error)))
    except KeyboardInterrupt:
        return 130
    else:
        return result
    return 1
