"""Messages made from the standard's JSON schemas: of the vocabulary, what those six files use.

(hypothesis-jsonschema 0.23.1 does not run with the pinned hypothesis: it reaches into its insides.)
"""

from typing import Any

from hypothesis import strategies as st

TEXT = st.text(max_size=6) | st.sampled_from(["takePhoto", "dwell", "cancelOrder", "startPause", "n0", "yard", "o1"])
STAMP = st.sampled_from(["2026-11-23T10:00:00.00Z", "2017-04-15T11:40:03.12Z"])
FAR = 10**12


def messages(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What ``schema`` accepts; ``definitions`` are those to which it refers."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        return st.one_of([messages(schema | {"type": each}, definitions) for each in kind])
    return _KINDS[kind](schema, definitions)


def _object(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields = {name: messages(each, definitions) for name, each in schema.get("properties", {}).items()}
    needed = set(schema.get("required", ())) & fields.keys()
    optional = {name: each for name, each in fields.items() if name not in needed}
    return st.fixed_dictionaries({name: fields[name] for name in sorted(needed)}, optional=optional)


def _array(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    least = schema.get("minItems", 0)
    return st.lists(
        messages(schema.get("items", {"type": "string"}), definitions), min_size=least, max_size=max(3, least)
    )


def _number(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    bounds = {"min_value": schema.get("minimum", -FAR), "max_value": schema.get("maximum", FAR)}
    return st.floats(**bounds, allow_nan=False)


def _integer(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.integers(int(schema.get("minimum", -FAR)), int(schema.get("maximum", FAR)))


def _string(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    return STAMP if schema.get("format") == "date-time" else TEXT


_KINDS = {
    "object": _object,
    "array": _array,
    "number": _number,
    "integer": _integer,
    "string": _string,
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
}
