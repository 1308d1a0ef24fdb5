#!/bin/bash
# Thrown CORSIKA showers beside the model. Writes Documentation/results/corsika-thrown.md; `make validate` runs it.
# Usage: Benchmarks/corsika-thrown.sh [FOLDER...]     (default $CORSIKA_LIBRARY and $CORSIKA_SHOWERS, else those of ../shared/data)
# FOLDER holds s2-*.dat.zst, proton-*.dat.zst or helium-*.dat.zst, whose mean deposits are in Fixtures/corsika/components.csv.
set -euo pipefail
cd "$(dirname "$0")/.."
airshower=$PWD/.build/release/airshower
results=Documentation/results
folders=("$@")
[ ${#folders[@]} -gt 0 ] || folders=("${CORSIKA_LIBRARY:-../shared/data/corsika-library}" "${CORSIKA_SHOWERS:-../shared/data/corsika-showers}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Every station works, and electronics are linear. Long windows hold late particles.
cat >"$work/whole.json" <<'END'
{"deadFraction": 0, "badLayerFraction": 0, "calibrationError": 0, "nonLinearity": false, "saturation": false, "windowSamples": 384}
END
fold=${CORSIKA_FOLD:-../shared/data/telescope-array-response/fold.csv}
thrown=()
files=()
for folder in "${folders[@]}"; do
  for file in "$folder"/*.dat.zst; do
    [ -f "$file" ] || continue
    case $(basename "$file") in
      s2-*) name=$(basename "$file" .dat.zst) ;;
      proton-1.00e18*) name=DAT000001 ;;
      helium-1.25e19*) name=DAT000004 ;;
      *) continue ;;
    esac
    "$airshower" simulate --corsika "$file" --config "$work/whole.json" --throws "${THROWS:-300}" --seed 7 --output "$work/$name.h5" --quiet
    case $name in s2-p-001) key=s2p1 ;; s2-gamma-001) key=s2gamma1 ;; DAT000001) key=psh ;; DAT000004) key=Hesh ;; *) key="" ;; esac
    if [ -n "$key" ] && [ -f "$fold" ]; then
      zstd -q -dc "$file" >"$work/$key.dat"
      files+=("$key=$work/$key.dat")
    fi
    thrown+=("$name=$work/$name.h5")
  done
done
if [ ${#thrown[@]} = 0 ]; then
  echo "Benchmarks/corsika-thrown.sh: no shower in ${folders[*]}; $results/corsika-thrown.md stays as it is" >&2
  exit 0
fi
"$airshower" validate-simulation --corsika Fixtures/corsika --values "$work/values.csv" --quiet >/dev/null
{
  echo "# Thrown CORSIKA showers beside the model"
  echo
  echo "Made by \`make validate\` (\`Benchmarks/corsika-thrown.sh\`) on $(date -u +%Y-%m-%d)."
  echo "Mean signal of stations of thrown showers (${THROWS:-300} throws, all stations, silent ones with 0) over"
  echo "that of the model. The model has the energy, mass, depth and atmosphere of the shower, and the"
  echo "muon number that fits its muons. Inside the joining radius, thrown stations see the model."
  echo "Asked: within 5 % from 600 to 1500 m."
  echo
  /usr/bin/python3 Benchmarks/corsika-thrown.py "$work/values.csv" "$work/figure.csv" "${thrown[@]}"
  echo
  echo "Errors are those of the scatter of stations, without that of the thinned particles (2 %)."
  echo "The EPOS-LHC proton s2-p-006 is deep and has few muons."
  echo
  echo "![ratio against the distance](corsika-thrown.png)"
  if [ ${#files[@]} -gt 0 ]; then
    echo
    echo "## The fold of CORSIKA particles"
    echo
    echo "Signals from 700 to 900 m of all particles of the files with the response table, over those of the"
    echo "program that made the table (\`fold.csv\`). Asked: 3 % of the total. Hadrons are 2 % of it; that"
    echo "program treats heavy ones otherwise."
    echo
    /usr/bin/python3 Benchmarks/corsika-fold.py "$fold" "${files[@]}"
  fi
} >"$work/page.md"
mv "$work/page.md" "$results/corsika-thrown.md"
gnuplot -e "values='$work/figure.csv'; output='$results/corsika-thrown.png'" Benchmarks/corsika-thrown.gp
