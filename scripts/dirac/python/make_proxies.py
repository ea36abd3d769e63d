"""make_proxies.py PKI [FILE=]NAME:GROUP...: writes PKI/FILE.proxy (NAME.proxy), made by DIRAC's own code from NAME.crt and NAME.key."""
import sys

from DIRAC.Core.Security.X509Chain import X509Chain  # pylint: disable=import-error

pki, people = sys.argv[1], sys.argv[2:]
for person in people:
    person, group = person.split(":")
    file, name = person.split("=") if "=" in person else (person, person)
    chain = X509Chain()
    for result in (
        chain.loadChainFromFile(f"{pki}/{name}.crt"),
        chain.loadKeyFromFile(f"{pki}/{name}.key"),
        chain.generateProxyToFile(f"{pki}/{file}.proxy", 12 * 3600, group),
    ):
        if not result["OK"]:
            sys.exit(f"{file}: {result['Message']}")
