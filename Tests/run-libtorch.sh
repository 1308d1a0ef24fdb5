#!/bin/bash
# The tests of networks with another libtorch than Debian's: that in LIBTORCH, else PyTorch's of pip (200 MB, into .venv/).
# Some five minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
. Benchmarks/environment.sh
if [ -z "${LIBTORCH:-}" ]; then
  python=${TORCH_PYTHON:-$(environment torch torch==2.13.0+cpu numpy --extra-index-url https://download.pytorch.org/whl/cpu)}
  LIBTORCH=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')
fi
export LIBTORCH
# Intel's MKL rounds by where memory lies, unless it is told otherwise.
export MKL_CBWR=AUTO,STRICT
swift build --build-tests --scratch-path .build/other-libtorch
swift test --skip-build --scratch-path .build/other-libtorch --filter ResidualNetworkTests
