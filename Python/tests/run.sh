#!/bin/bash
# Types, tests and notebook of the Python package, as installed from dist/airshower-*.whl. `make python-test` runs it.
# AIRSHOWER_BINARY is the program. An argument is passed to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=../.build/python
rm -rf "$environment"
/usr/bin/python3 -m venv --system-site-packages "$environment"
python=$PWD/$environment/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
"$python" -m pip install --quiet --no-index --no-deps ../dist/airshower-*.whl
MYPYPATH=src "$python" -m mypy --cache-dir ../.build/mypy
"$python" -m pytest -q -p no:cacheprovider "$@"
tests/fresh-install.sh
