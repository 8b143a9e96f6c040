"""Random programs, thousands on demand: `python -m tests.programs FIRST LAST [CHECK ...] [--seconds N]`.

A failing program is made smaller by leaving layers out, and printed with its seed; of failures that look the same then,
the first. The exit status is how many kinds there were. `--program` runs the checks on the one whose `repr` is given.
"""

import argparse
import os
import sys
import time
from collections import Counter
from dataclasses import replace

os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")

import jax

from tests.programs.drawing import program_of_seed
from tests.programs.program import Program  # names in a repr
from tests.programs.table import CHECKS

__all__ = ["main"]


def problem(check: str, program: Program) -> str | None:
    """What is wrong with the program, or None; an error of another kind than a refusal is wrong, too."""
    try:
        CHECKS[check].run(program)
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:600]}"
    return None


def shrink(check: str, program: Program) -> Program:
    """The program without the layers, spellings and options that the failure does not need."""
    for i in reversed(range(len(program.layers))):
        fewer = program.layers[:i] + program.layers[i + 1 :]
        if fewer and problem(check, replace(program, layers=fewer)):
            program = replace(program, layers=fewer)
    for i, layer in enumerate(program.layers):
        plain = (*program.layers[:i], layer.canonical, *program.layers[i + 1 :])
        if layer != layer.canonical and problem(check, replace(program, layers=plain)):
            program = replace(program, layers=plain)
    for option in ({"batched": False}, {"score": "logit"}, {"readout": "sum"}, {"biased": False}):
        if problem(check, replace(program, **option)):
            program = replace(program, **option)
    return program


def main(arguments: list[str] | None = None) -> int:
    """Run; returns the number of failures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("last", type=int, nargs="?", default=100)
    parser.add_argument("checks", nargs="*", choices=[*CHECKS, []], default=[])
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--program", help="the repr of one program")
    options = parser.parse_args(arguments)
    checks, kinds, start = options.checks or list(CHECKS), Counter(), time.monotonic()
    seeds = range(options.first, options.last)
    for seed in [None] if options.program else seeds:
        for check in checks:
            program = eval(options.program) if seed is None else program_of_seed(seed, **CHECKS[check].fixed)
            if not problem(check, program):
                continue
            small = shrink(check, program)
            kind = check, *(f"{layer.family}: {layer.spelling}" for layer in small.layers)
            kinds[kind] += 1
            if kinds[kind] == 1:
                print(f"\nFAILED {check}, seed {seed}: {small}\n{problem(check, small)}", flush=True)
        if time.monotonic() - start > options.seconds:
            break
    print(f"\nseeds {options.first} to {seed}, checks {' '.join(checks)}: {len(kinds)} kinds of failures")
    for kind, times in kinds.most_common():
        print(f"{times:5d} {' | '.join(kind)}")
    return len(kinds)


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    sys.exit(min(main(), 100))
