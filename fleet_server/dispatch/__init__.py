"""From a route to an order on the wire, said until it is echoed."""
