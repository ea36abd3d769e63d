"""What DIRAC's own dirac-dms-directory-sync would do, without doing it: SOURCE DEST, and SE for an upload. It has no dry run."""
import json
import sys

import DIRAC

DIRAC.initialize()

from DIRAC.DataManagementSystem.scripts.dirac_dms_directory_sync import getContentToSync  # noqa: E402
from DIRAC.Resources.Catalog.FileCatalog import FileCatalog  # noqa: E402

source, destination, *storage = sys.argv[1:]
result = getContentToSync(bool(storage), FileCatalog(), source, destination)
if not result["OK"]:
    sys.exit(result["Message"])
print(json.dumps({action: {kind: sorted(names) for kind, names in plan.items()} for action, plan in result["Value"].items()}))
