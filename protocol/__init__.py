"""The words that robots and server exchange: VDA 5050 2.1.0 and Xiaotian's messages beside it.

Imports nothing else of this project. Field names are snake_case here and camelCase on the wire.
An optional field that was not sent is ``msgspec.UNSET``: the standard's schemas refuse ``null``.
"""
