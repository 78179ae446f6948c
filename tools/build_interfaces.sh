#!/usr/bin/env bash
# Build our interface packages with colcon, into the virtual environment $1 (or, with a distribution, ros2_ws/install).
set -euo pipefail
venv=$1
log=$PWD/ros2_ws/log/build.txt
mkdir -p ros2_ws/log
if [ -n "${ROS_DISTRO:-}" ]; then
  (cd ros2_ws && colcon build --packages-select patrol_interfaces --merge-install) >"$log" 2>&1 || { tail -40 "$log" >&2; exit 1; }
  echo "$PWD/ros2_ws/install/lib/python3.$("$venv/bin/python" -c 'import sys; print(sys.version_info.minor)')/site-packages" \
    >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/patrol_interfaces.pth"
  exit 0
fi
command -v cmake >/dev/null || "$venv/bin/python" -m pip --disable-pip-version-check install --quiet cmake==3.31.6
unset AMENT_PREFIX_PATH PYTHONPATH LD_LIBRARY_PATH
export VIRTUAL_ENV=$venv PATH=$venv/bin:$PATH CMAKE_PREFIX_PATH=$venv
cd ros2_ws
colcon build --merge-install --install-base "$venv" --base-paths src/patrol_interfaces pip_only/tf2_msgs >"$log" 2>&1 || { tail -40 "$log" >&2; exit 1; }
