"""`terradrift crm push|export|reconcile`: changes of reps that people decided, on their way to the CRM."""

from __future__ import annotations

import click

from streams.cli.crm.comparing import reconcile
from streams.cli.crm.leaving import export, push


@click.group()
def crm() -> None:
    """Changes of reps that people decided, on their way to the CRM.

    \b
    What would be sent:      terradrift crm push --dry-run
    Send it:                 TERRADRIFT_CRM_URL=https://... TERRADRIFT_CRM_SECRET=... terradrift crm push
    By itself:               terradrift crm push --stand-by    (terradrift up does so where both variables are set)
    As a file:               terradrift crm export > changes.csv
    Where both sides differ: terradrift crm reconcile owners.csv
    """


for command in (push, export, reconcile):
    crm.add_command(command)
