"""Territory files on the command line: the options that name one, and the problem in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from schemas.errors import TerradriftError
from schemas.settings import Contiguity, Weights, load_settings
from solvers.instance import MEASURED, instance
from solvers.problem import Problem

instance_option = click.option(
    "--instance",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Territory file (.npz): xy, potential, hours, visits, home, current, alive, orphan; edges, seniority.",
)
weights_option = click.option(
    "--weights",
    "weights_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="terradrift.toml, its [weights], or the same as JSON; without it those of the measurements.",
)


def read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a territory file. Raises TerradriftError when it is none."""
    try:
        with np.load(file, allow_pickle=False) as archive:
            return dict(archive)
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise TerradriftError(f"{file}: no territory file: {error}") from None


def problem_from(
    arrays: dict[str, NDArray[Any]], file: Path, max_moves: int | None, weights: Weights, contiguity: Contiguity
) -> Problem:
    """The problem in the arrays. Raises TerradriftError (ProblemError) naming what is missing or senseless."""
    try:
        return instance(arrays, max_moves=max_moves, weights=weights, contiguity=contiguity)
    except KeyError as missing:
        raise TerradriftError(f"{file}: the array {missing} is missing") from None


def weights_from(file: Path | None) -> Weights:
    """[weights] of a TOML file, or a JSON object of weights; without a file those of the measurements."""
    if file is None:
        return MEASURED
    if file.suffix != ".json":
        return load_settings(file).weights
    try:
        return Weights.model_validate({**MEASURED.model_dump(), **json.loads(file.read_text(encoding="utf-8"))})
    except (ValidationError, ValueError, TypeError) as error:
        raise TerradriftError(f"{file}: {error}") from None
