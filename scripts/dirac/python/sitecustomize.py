"""
For DIRAC processes of the tests only (by PYTHONPATH).

DIRAC's servers bind every address of the machine: here they get loopback. M2Crypto exports the flag that lets OpenSSL accept RFC 3820
proxies only in some releases.
"""
import socket

_bind = socket.socket.bind


def _bind_loopback(self, address):
    if isinstance(address, tuple) and address[0] in ("", "0.0.0.0", "::"):
        address = ("::ffff:127.0.0.1" if self.family == socket.AF_INET6 else "127.0.0.1", *address[1:])
    return _bind(self, address)


socket.socket.bind = _bind_loopback

try:
    from M2Crypto import X509
except ImportError:
    pass
else:
    if not hasattr(X509, "verify_allow_proxy_certs"):
        X509.verify_allow_proxy_certs = 64
