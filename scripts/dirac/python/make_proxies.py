"""make_proxies.py PKI NAME:GROUP...: writes PKI/NAME.proxy, made by DIRAC's own code from NAME.crt and NAME.key."""
import sys

from DIRAC.Core.Security.X509Chain import X509Chain  # pylint: disable=import-error

pki, people = sys.argv[1], sys.argv[2:]
for name, group in (person.split(":") for person in people):
    chain = X509Chain()
    for result in (
        chain.loadChainFromFile(f"{pki}/{name}.crt"),
        chain.loadKeyFromFile(f"{pki}/{name}.key"),
        chain.generateProxyToFile(f"{pki}/{name}.proxy", 12 * 3600, group),
    ):
        if not result["OK"]:
            sys.exit(f"{name}: {result['Message']}")
