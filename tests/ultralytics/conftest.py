"""These tests run in an environment of their own: `make test-ultralytics`."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("ultralytics") else ["test_*.py"]
