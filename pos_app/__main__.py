"""``evertill`` and ``python -m pos_app``: the till on this computer."""

import gc
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run the till until its window is closed; as ``--agent`` run its sync agent instead (frozen builds)."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["--agent"]:
        # start-up: the agent is another program and needs no Qt
        from sync.__main__ import main as agent

        return agent(given[1:])
    # start-up: nothing of what is imported is garbage; bootstrap enables it again
    gc.disable()
    # start-up: the agent above must not pay for the till's imports
    from pos_app.bootstrap import run

    return run(given)


if __name__ == "__main__":
    raise SystemExit(main())
