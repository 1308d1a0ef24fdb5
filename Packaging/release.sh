#!/bin/bash
# What belongs to a release, in dist/: check sums, and the section of the changelog as notes. The tarball and the package are
# made before (`make dist`); the Python package is made here where there is one.
#
#   Packaging/release.sh VERSION [--dry-run]      --dry-run: checks alone
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
fail() { echo "release.sh: $*"; exit 1; }

grep -qx "version: $version" CITATION.cff || fail "CITATION.cff has another version than $version"
notes=$(awk -v version="$version" '/^## / { inside = index($0, "## " version) == 1 } inside' CHANGELOG.md)
[ -n "$notes" ] || fail "CHANGELOG.md has no section \"## $version\""
[ "${2:-}" != --dry-run ] || { echo "release.sh: $version is ready"; exit 0; }
[ -z "$(git status --porcelain)" ] || fail "there are changes that are not committed"

if [ -e Python/pyproject.toml ]; then
  python3 -m pip wheel -q --no-deps --wheel-dir dist ./Python
fi
echo "$notes" > dist/NOTES.md
(cd dist && sha256sum ./*.tar.gz ./*.deb $(ls ./*.whl 2>/dev/null) > SHA256SUMS)
cat dist/SHA256SUMS
