"""What a deployment shows while it runs: a live line on a terminal, plain lines elsewhere; always on standard error."""

from types import TracebackType
from typing import Self

from rich.markup import escape
from rich.status import Status

from sekisho.cli.console import err
from sekisho.model.cloudformation import StackEvent

_STACK = "AWS::CloudFormation::Stack"


class DeploymentProgress:
    """Tells a person how far a deployment has come."""

    def __init__(self, *, show_output: bool = True) -> None:
        """With ``show_output`` false the lines that containers print are left out."""
        self._show_output = show_output
        self._status: Status | None = None
        self._steps = 0

    def __enter__(self) -> Self:
        if err.is_terminal:
            self._status = err.status("starting")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def mute(self) -> None:
        """Say nothing any more about what containers print."""
        self._show_output = False

    def begin(self, what: str) -> None:
        """Say what is going on, in the live line or in one of its own."""
        if self._status is None:
            err.print(escape(what), style="dim")
        else:
            self._status.update(escape(what))

    def app_line(self, text: str) -> None:
        """Show what a CDK app prints."""
        err.print(f"[blue]cdk[/] {escape(text)}")

    def stack_event(self, event: StackEvent, *, runs_here: bool) -> None:
        """Show the steps of what runs here and every failure; of what is only declared just that it goes on."""
        self._steps += 1
        if self._status is not None:
            self._status.update(f"{escape(event.stack_name)}: {event.type} {escape(event.logical_id)}")
        is_failure = event.status.endswith("_FAILED")
        if is_failure or event.type == _STACK or (runs_here and event.status.endswith("_COMPLETE")):
            reason = f": {event.reason}" if is_failure and event.reason else ""
            style = "red" if is_failure else "dim"
            err.print(f"{event.status} {event.type} {escape(event.logical_id + reason)}", style=style)

    def container_line(self, name: str, text: str) -> None:
        """Show what a container prints, or what is done for it."""
        if self._show_output:
            err.print(f"[blue]{escape(name)}[/] {escape(text)}")
