"""How a vehicle is called: it is one by manufacturer and serial number together (VDA 5050 2.1.0, 6.3).

Ours go by their serial number alone; another maker's by ``serial@maker``, so that two with one number stay two. It does
not depend on who spoke first. A serial number has no ``@`` by the standard; one of ours that has is named in full.
"""

from protocol.topics import Address

OURS = "xiaotian"
AT = "@"


def dog_id(address: Address) -> str:
    """The id under which API and tables know the vehicle."""
    if address.manufacturer == OURS and AT not in address.serial_number:
        return address.serial_number
    return f"{address.serial_number}{AT}{address.manufacturer}"


def address_of(dog: str, manufacturer: str, prefix: str) -> Address:
    """The vehicle's address again, from its id and its maker."""
    return Address(manufacturer, dog.removesuffix(f"{AT}{manufacturer}"), prefix)
