"""The OpenAPI document, for whoever generates types from it: ``python -m fleet_server.openapi > openapi.json``."""

import json
import sys

from fleet_server.app import create_app
from fleet_server.core.settings import Settings


def document() -> str:
    """The document as JSON, the same for the same code."""
    app = create_app(Settings.load())
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
