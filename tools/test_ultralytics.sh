#!/usr/bin/env bash
# The ultralytics adapter against the real package, in an environment of its own: it is AGPL-3.0 and, with torch, large.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv-ultralytics
if ! cmp -s requirements/ultralytics.txt "$venv/.installed"; then
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
  # torch brings what its own build needs; ultralytics would bring an OpenCV that wants a screen, so its closure is named.
  pip install $(grep -E '^torch(vision)?==' requirements/ultralytics.txt)
  pip install --no-deps --requirement requirements/ultralytics.txt
  cp requirements/ultralytics.txt "$venv/.installed"
fi
mkdir -p build/ultralytics
# Its settings stay in build/, and it is to ask nobody for anything.
env -u LD_LIBRARY_PATH -u _ROS_WHEELS_BOOTSTRAP_COMPLETE YOLO_CONFIG_DIR="$PWD/build/ultralytics" YOLO_OFFLINE=true \
  YOLO_AUTOINSTALL=false "$venv/bin/python" -m pytest -q -p no:cacheprovider tests/ultralytics
