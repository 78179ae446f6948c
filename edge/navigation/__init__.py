"""How a dog knows where it is, finds its way, follows it, and keeps itself and people from harm."""
