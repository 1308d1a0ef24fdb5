#!/usr/bin/env python3
"""Whether two network files hold the same: weights and program byte for byte, description but for its history.

    Benchmarks/same-network.py A.pt B.pt

Exit codes: 0 the same, 1 not the same (says where), 65 no network files.
"""
import json
import sys
import zipfile


def contents(path):
    """Members of the archive without its own name, and the description without what tells when and how it was made."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip():
                raise zipfile.BadZipFile(archive.testzip())
            members = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
        spec = json.loads(members.pop("extra/spec.json"))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        sys.exit(65)
    spec.pop("provenance", None)
    # Weights do not depend on them.
    spec.get("settings", {}).pop("threads", None)
    return members, spec


(a, spec_a), (b, spec_b) = (contents(path) for path in sys.argv[1:3])
differences = sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
differences += sorted(key for key in spec_a.keys() | spec_b.keys() if spec_a.get(key) != spec_b.get(key))
if differences:
    print(f"{sys.argv[1]} and {sys.argv[2]} differ: {', '.join(differences)}")
sys.exit(1 if differences else 0)
