"""Why a connection failed, found behind the HTTP library's own error, and what to do about it.

The library reports it in as many ways as it has back ends, and with trio not at all; behind each of them is the same
error of the operating system or of TLS.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["explain"]

_TRUST: Final = (
    "if it is your gateway's, trust the authority that issued it: set SSL_CERT_FILE, or pass an http_client= whose "
    "verify= is an SSL context that knows it."
)
# By the number that OpenSSL has for it (x509_vfy.h).
_ABOUT_CERTIFICATES: Final[Mapping[int, str]] = {
    9: "is the clock of this machine right?",
    10: "it has to be renewed where the gateway runs; is the clock of this machine right?",
    62: "write base_url with the name that the certificate was issued for.",
    64: "write base_url with the name or address that the certificate was issued for.",
}


def explain(error: BaseException) -> tuple[str, str]:
    """Give the reason why there is no response, without a full stop, and a hint."""
    chain = list(_behind(error))
    for cause in chain:
        match cause:
            case ssl.SSLCertVerificationError():
                said = cause.verify_message.rstrip(".")
                return f"certificate verification failed: {said}", _ABOUT_CERTIFICATES.get(cause.verify_code, _TRUST)
            case ssl.SSLError():
                hint = "if plain HTTP is spoken there, base_url begins with http://."
                return f"TLS handshake failed ({cause.reason or cause})", hint
            case socket.gaierror():
                hint = "is the host in base_url spelt right, and can this machine look names up (DNS, VPN, proxy)?"
                return f"DNS lookup failed ({cause.strerror})", hint
            case ConnectionRefusedError():
                return "connection refused", "is the gateway running there? check host and port of base_url."
            case _:
                pass
    said = next((text for text in map(str, chain) if text), type(error).__name__)
    return said.rstrip("."), "check base_url and the network."


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and those that led to it, the last one first."""
    while error is not None:
        yield error
        together: tuple[BaseException, ...] = getattr(error, "exceptions", ())
        error = together[0] if together else error.__cause__ or error.__context__
