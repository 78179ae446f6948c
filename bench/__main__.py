"""`python -m bench NAME... [OPTIONS]` prints one JSON line a benchmark; without a name, the list of them.

Options are for benchmarks that have some: `python -m bench navigation --help`.
"""

import importlib
import json
import pkgutil
import sys

import bench


def names() -> list[str]:
    """All benchmarks, by name."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))


def main(asked: list[str]) -> int:
    """Run what was asked for; 2 where there is no such benchmark, 1 where one cannot run here."""
    known = names()
    options = asked[next((at for at, word in enumerate(asked) if word.startswith("-")), len(asked)) :]
    asked = asked[: len(asked) - len(options)]
    if not asked:
        for name in known:
            about = (importlib.import_module(f"bench.{name}").__doc__ or "").partition("\n")[0]
            print(f"{name:16} {about}")
        return 0
    unknown = [name for name in asked if name not in known]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in asked:
        try:
            benchmark = importlib.import_module(f"bench.{name}")
            told = benchmark.run(options) if options else benchmark.run()
            print(json.dumps({"bench": name, **told}), flush=True)
        except FileNotFoundError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
