"""The ROS wheels' CMake exports name their builder's Python; make them name this one."""

import sys
import sysconfig
from pathlib import Path

import numpy

TAG = f"cp{sys.version_info.major}{sys.version_info.minor}"
BUILDER = f"/opt/python/{TAG}-{TAG}"
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
REPLACE = {
    f"{BUILDER}/lib/{VERSION}/site-packages/numpy/_core/include": numpy.get_include(),
    f"{BUILDER}/include/{VERSION}": sysconfig.get_path("include"),
}


def main() -> None:
    """Rewrite every export below the environment's share/."""
    mended = 0
    for export in Path(sys.prefix, "share").glob("*/cmake/*Export*.cmake"):
        old = new = export.read_text()
        for theirs, ours in REPLACE.items():
            new = new.replace(theirs, ours)
        if new != old:
            export.write_text(new)
            mended += 1
    print(f"setup: {mended} CMake exports mended")


if __name__ == "__main__":
    main()
