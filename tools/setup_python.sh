#!/usr/bin/env bash
# The virtual environment and the pinned Python packages. $1: a Python of 3.11 or newer, $2: where.
set -euo pipefail
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "setup: $python is older than 3.11; say make PYTHON=python3.11" >&2; exit 1; }
# With a ROS 2 distribution sourced, its packages are seen through the system's site-packages.
flags=(); [ -n "${ROS_DISTRO:-}" ] && flags=(--system-site-packages)
[ -x "$venv/bin/python" ] || "$python" -m venv "${flags[@]}" "$venv" || {
  echo "setup: cannot make a virtual environment; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }
# The file names the whole closure, so nothing is resolved: --no-deps also keeps out a second OpenCV that needs a screen.
pip install --quiet --no-deps --requirement requirements/python.txt
pip install --quiet --no-deps --use-pep517 --no-build-isolation --config-settings editable_mode=compat --editable .
pip install --quiet --no-deps --use-pep517 --no-build-isolation --config-settings editable_mode=compat --editable ros2_ws/src/patrol_nodes
