"""The nodes of a dog: each converts in, calls edge/, converts out."""
