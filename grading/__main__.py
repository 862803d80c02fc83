"""The instructor's command, ``lgm-grade``, which is ``python -m grading`` as well.

Each worker imports once more the program that started it. So this one imports nothing before it is
run, and can say what is missing.
"""

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command; returns what it returns, see `grading.cli`."""
    try:
        from grading import cli
    except ModuleNotFoundError as missing:
        sys.exit(
            f"lgm-grade needs what instructors install ({missing.name}): pip install 'lgm[grading]'"
        )
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
