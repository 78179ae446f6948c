#!/usr/bin/env bash
# Build the console with the system's Node (20 or newer), else with the one from its pip wheel in $1.
set -euo pipefail
venv=$1
if ! { command -v node && command -v npm; } >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  "$venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --requirement requirements/node.txt
  export PATH=$venv/bin:$PATH
fi
cd fleet_server/console
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
