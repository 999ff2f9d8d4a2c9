"""The command line. Exit codes: 0 fine, 1 no, 2 wrong call, 3 could not tell."""

import click

from gatehouse.late_group import LateGroup

COMMANDS = {
    "up": "gatehouse.up_command:up",
    "demo": "gatehouse.demo.command:demo",
    "status": "gatehouse.status_commands:status",
    "history": "gatehouse.status_commands:history",
    "explain": "gatehouse.status_commands:explain",
    "approve": "gatehouse.review_commands:approve",
    "reject": "gatehouse.review_commands:reject",
    "signin": "gatehouse.signin_commands:signin",
    "signout": "gatehouse.signin_commands:signout",
    "token": "gatehouse.token_commands:token",
    "withdraw": "gatehouse.review_commands:withdraw",
    "comment": "gatehouse.review_commands:comment",
    "request": "gatehouse.review_commands:request",
    "requests": "gatehouse.requests_command:requests",
    "promote": "gatehouse.promote_command:promote",
    "hold": "gatehouse.hold_commands:hold",
    "resume": "gatehouse.hold_commands:resume",
    "retry": "gatehouse.work_commands:retry",
    "follow": "gatehouse.follow_commands:follow",
    "mute": "gatehouse.follow_commands:mute",
    "validate": "gatehouse.validate_command:validate",
    "trips": "gatehouse.trips_commands:trips",
    "train": "gatehouse.train_command:train",
    "policy": "gatehouse.policy.group:policy",
    "doctor": "gatehouse.doctor.command:doctor",
    "webhooks": "gatehouse.webhook_commands:webhooks",
    "deliveries": "gatehouse.delivery_commands:deliveries",
    "ledger": "gatehouse.ledger_commands:ledger",
}


@click.group(cls=LateGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gatehouse")
def main() -> None:
    """The gate of an MLflow model registry.

    Example: gatehouse up
    """
