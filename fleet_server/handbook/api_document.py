"""The OpenAPI document in both languages: Chinese beside the docstrings' English, and an example of each body."""

from typing import Any

from fleet_server.handbook.body_examples import EXAMPLES
from fleet_server.handbook.operations_chinese import OPERATIONS, ROOMS


def explained(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with the words that we have; a paragraph of Chinese comes before those of English."""
    rooms = set[str]()
    for path in document["paths"].values():
        for operation in path.values():
            name = operation["operationId"]
            rooms |= set(operation["tags"])
            if name in OPERATIONS:
                operation["description"] = f"{OPERATIONS[name]}\n\n{operation['description']}"
            for media_type, content in operation.get("requestBody", {"content": {}})["content"].items():
                if name in EXAMPLES.get(media_type, {}):
                    content["example"] = EXAMPLES[media_type][name]
    document["tags"] = [{"name": room, "description": ROOMS.get(room, "")} for room in sorted(rooms)]
    return document
