"""The suites by name, in the order in which they run: what is measured, with which inputs, against which target."""

from .connections import connections
from .durability import durability
from .growth import growth
from .keys import keys
from .latency import latency
from .listing import listing
from .requests import floor, requests
from .start import start
from .values import values

ALL = {
    "floor": floor, "requests": requests, "connections": connections, "keys": keys, "values": values, "list": listing,
    "growth": growth, "latency": latency, "start": start, "durability": durability}
