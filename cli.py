"""The terminal's front door: `leidraad index | fetch | status | ask | eval | serve | …`. No logic of its own."""

from __future__ import annotations

import sys

import typer

from assistant.terminal import asking, indexing, keeping, serving
from assistant.terminal.shared import EXIT_FAULT, err
from evals.terminal import evaluate
from indexer.errors import LeidraadError

application = typer.Typer(
    help="Answers from laws, policy and guides of the Dutch social domain, with the passage every statement rests on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (
    indexing.index,
    indexing.fetch,
    indexing.status,
    asking.ask,
    serving.serve,
    keeping.backup,
    keeping.restore,
    serving.mcp,
    keeping.audit,
    keeping.forget,
    keeping.licences,
    keeping.sbom,
):
    application.command()(command)
application.command(name="eval")(evaluate)

keys = typer.Typer(help="Keys of programs that may ask through the API.", no_args_is_help=True)
keys.command(name="add")(serving.add_key)
keys.command(name="list")(serving.list_keys)
keys.command(name="revoke")(serving.revoke_key)
application.add_typer(keys, name="keys")


def main() -> None:
    """Runs the terminal program; every fault of ours is one sentence on stderr."""
    try:
        application()
    except LeidraadError as error:
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_FAULT)
    except KeyboardInterrupt:
        err.print("Stopped.")
        sys.exit(130)


if __name__ == "__main__":
    main()
