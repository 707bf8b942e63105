"""Whether the clocks agree: the database's, this host's, official time, and a time server's."""

import socket
import time

from django.conf import settings
from django.db import connection

from ledger.alarms import raise_alarm

# Beyond this many seconds, with all uncertainty of the asking taken off, a clock is wrong.
TOLERANCE = 2.0
# Seconds from 1900, where network time begins, to 1970.
ERA = 2_208_988_800


def check_clocks(host: str, *, time_server: str = "") -> list[str]:
    """Compare the clocks as seen from `host`, and with a time server, and raise an alarm for each that is wrong; their kinds.

    OSError when the time server gives no answer.
    """
    wrong = []
    before = time.time()
    database, official = database_clocks()
    after = time.time()
    uncertain = (after - before) / 2
    differs = database - (before + after) / 2
    if abs(differs) - uncertain > TOLERANCE:
        wrong.append(("clock.host", host, f"{host} 主机的时钟与数据库相差 {-differs:+.1f} 秒"))
    # A demonstration may live in another time; its database says so to everybody.
    if not settings.ETP_CONSOLES and abs(official - database) > TOLERANCE:
        wrong.append(("clock.official", "database", f"官方时间与数据库时钟相差 {official - database:+.1f} 秒"))
    if time_server:
        offset, uncertain = server_offset(time_server)
        if abs(differs - offset) - uncertain > TOLERANCE:
            wrong.append(("clock.reference", "database", f"数据库时钟与授时源 {time_server} 相差 {differs - offset:+.1f} 秒"))
    for kind, about, text in wrong:
        raise_alarm(kind, about, text)
    return [kind for kind, _, _ in wrong]


def database_clocks() -> tuple[float, float]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), official_now()")
        return tuple(row.timestamp() for row in cursor.fetchone())


def server_offset(address: str) -> tuple[float, float]:
    """How far the time server is ahead of this host, and the uncertainty of that (RFC 4330); OSError if it is silent."""
    host, _, port = address.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(3)
        before = time.time()
        line.sendto(b"\x23" + bytes(47), (host, int(port or 123)))
        answer = line.recv(512)
        after = time.time()
    if len(answer) < 48 or answer[0] & 7 != 4 or not 0 < answer[1] < 16:
        raise OSError("the time server is not synchronised")
    sent = int.from_bytes(answer[40:44], "big") - ERA + int.from_bytes(answer[44:48], "big") / 2**32
    return sent - (before + after) / 2, (after - before) / 2
