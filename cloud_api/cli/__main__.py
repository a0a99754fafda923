"""``python -m cloud_api.cli``: the same as ``evertill-cloud``."""

import sys

from cloud_api.cli.parser import main

sys.exit(main())
