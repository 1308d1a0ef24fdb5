#!/bin/bash
# Makes .build/gpu-bundle: everything that Benchmarks/gpu.sh needs on a machine with a GPU and PyTorch, under 60 MiB.
#
#   Tools/gpu-bundle.sh
#
# The archive in it holds the program, the plug-in for libtorch, the tables and every library but libc and libtorch itself. All of them
# look for each other in their own folder (RPATH $ORIGIN). The plug-in is compiled against the headers of the wheel of PyTorch
# TORCH_VERSION (default: 2.11.0), which pip fetches once into .build/wheels (530 MB). TORCH_WHEEL=FILE takes a wheel that is there.
set -euo pipefail
cd "$(dirname "$0")/.."
program=.build/release/airshower
version=${TORCH_VERSION:-2.11.0}
wheels=.build/wheels
bundle=.build/gpu-bundle
most=60

[ -x $program ] || { echo "gpu-bundle.sh: $program is missing: make build"; exit 1; }
command -v patchelf >/dev/null || { echo "gpu-bundle.sh: patchelf is missing: apt-get install patchelf"; exit 1; }

torch=$wheels/torch-$version/torch
if [ ! -e "$torch/lib/libtorch.so" ]; then
  mkdir -p "$wheels"
  wheel=${TORCH_WHEEL:-$(ls $wheels/torch-"$version"-*.whl 2>/dev/null | head -1)}
  if [ -z "$wheel" ]; then
    python3 -m pip download -q --no-deps --only-binary :all: --python-version 3.12 --implementation cp \
      --platform manylinux_2_28_x86_64 --dest "$wheels" "torch==$version"
    wheel=$(ls $wheels/torch-"$version"-*.whl)
  fi
  # Headers, and what the linker looks into.
  rm -rf "$wheels/part" && mkdir "$wheels/part"
  python3 - "$wheel" "$wheels/part" <<'PYTHON'
import sys, zipfile
libraries = {"torch/lib/" + name for name in ("libtorch.so", "libtorch_cpu.so", "libc10.so")}
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith("torch/include/") or name in libraries])
PYTHON
  rm -rf "$wheels/torch-$version" && mv "$wheels/part" "$wheels/torch-$version"
fi

rm -rf $bundle && mkdir -p $bundle/airshower
files=$bundle/airshower
# Compiled again where a source is newer.
plugin=$wheels/torch-$version/libairshower-torch.so
if [ ! -e "$plugin" ] || [ -n "$(find Sources/TorchEngine Sources/CTorch -type f -newer "$plugin")" ]; then
  # --no-as-needed: nothing refers to the GPU's library by name, but libtorch.so of a wheel for CUDA needs it.
  clang++ -std=c++17 -O2 -fPIC -shared -fno-cxx-modules -ISources/CTorch/include -ISources/TorchEngine/include \
    -isystem "$torch/include" -isystem "$torch/include/torch/csrc/api/include" Sources/TorchEngine/*.cpp \
    -L"$torch/lib" -Wl,--no-as-needed -ltorch -ltorch_cpu -lc10 -Wl,--as-needed -ldl \
    -Wl,--allow-shlib-undefined -o "$plugin.part"
  mv "$plugin.part" "$plugin"
fi
cp "$plugin" $files/
cp $program $files/
chmod u+w $files/*
Tools/collect-libraries.py $files $files/airshower > /dev/null
# The plug-in takes the libtorch of the machine, and the libraries of the bundle.
strip --strip-unneeded $files/libairshower-torch.so
patchelf --set-rpath '$ORIGIN' $files/libairshower-torch.so
cp -r tables $files/
cat > $files/built <<END
program $($program --version | head -1)
plug-in built against PyTorch $version
END
tar -czf $bundle/airshower.tar.gz -C $bundle airshower
rm -r $files
cp Benchmarks/gpu.sh Benchmarks/gpu.py $bundle/

size=$(du -sk $bundle | cut -f1)
echo "$bundle: $((size / 1024 + 1)) MiB"
[ "$size" -lt $((most * 1024)) ] || { echo "gpu-bundle.sh: more than $most MiB"; exit 1; }
