"""Print a history with its payloads as JSON.

Standard input is what `temporal workflow show --output json` prints.
"""

import json
import sys

from worker.replay.history_files import readable_payload

if __name__ == "__main__":
    json.dump(json.load(sys.stdin, object_hook=readable_payload), sys.stdout, ensure_ascii=False, indent=2)
    print()
