#!/bin/bash
# `pip install airshower-*.whl` as a user does it, in an empty virtual environment with the newest h5py, numpy and awkward of
# PyPI. Skipped without a network.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
/usr/bin/python3 -m venv "$environment"
python=$environment/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
wheel=$(echo "$PWD"/../dist/airshower-*.whl)
# Without a network, or an index, this fails before anything of the package is tried.
if ! "$python" -m pip download --quiet --retries 0 --timeout 20 --dest "$environment/packages" h5py numpy awkward pytest; then
  echo "skipped: pip install of the wheel in an empty environment, because PyPI cannot be reached"
  exit 0
fi
"$python" -m pip install --quiet --no-index --find-links "$environment/packages" "$wheel[awkward]" pytest
"$python" -m pytest -q -p no:cacheprovider tests/test_nested.py tests/test_event_file.py tests/test_writer.py
"$python" -c 'import h5py, numpy, airshower; print("fresh environment: airshower", airshower.__version__, "numpy", numpy.__version__, "h5py", h5py.__version__)'
