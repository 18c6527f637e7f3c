"""Print a history with its payloads as JSON.

`temporal workflow show --workflow-id C-1003 --output json | python -m worker.replay.readable`
"""

import json
import sys

from worker.replay.history_files import readable_payload

if __name__ == "__main__":
    json.dump(json.load(sys.stdin, object_hook=readable_payload), sys.stdout, ensure_ascii=False, indent=2)
    print()
