#!/bin/bash
# CORSIKA input against its references. Writes Documentation/results/corsika.md; `make validate` runs it.
# Usage: Benchmarks/corsika.sh [THROWS]     (default 500)
# The two large showers are looked for in $CORSIKA_SHOWERS (default ../shared/data/corsika-showers): proton-*.dat.zst, helium-*.dat.zst.
set -euo pipefail
cd "$(dirname "$0")/.."
throws=${1:-500}
airshower=$PWD/.build/release/airshower
validation=$PWD/.build/release/corsika-validation
results=Documentation/results
showers=${CORSIKA_SHOWERS:-../shared/data/corsika-showers}
small=(Fixtures/corsika/format/corsika757_particle Fixtures/corsika/format/corsika_77500_particle Fixtures/corsika/format/corsika76900_thin)
mkdir -p "$results"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# corsikaio is not in Debian.
python=.build/corsikaio/bin/python
if [ ! -x "$python" ] || ! "$python" -c 'import corsikaio' 2>/dev/null; then
  /usr/bin/python3 -m venv .build/corsikaio && "$python" -m pip install -q corsikaio || python=""
fi

proton=$(ls "$showers"/proton-*.dat.zst 2>/dev/null | head -1 || true)
helium=$(ls "$showers"/helium-*.dat.zst 2>/dev/null | head -1 || true)
large=()
if [ -n "$proton" ] && [ -n "$helium" ]; then
  zstd -q -dc "$proton" >"$work/proton.dat"
  zstd -q -dc "$helium" >"$work/helium.dat"
  large=("$work/proton.dat" "$work/helium.dat")
fi

{
  echo "# CORSIKA showers in, detector events out"
  echo
  echo "Made by \`make validate\` (\`Benchmarks/corsika.sh $throws\`) on $(date -u +%Y-%m-%d). What is done is in [corsika.md](../corsika.md)."
  echo
  echo "## Rows against corsikaio (\`Benchmarks/corsika-rows.py\`)"
  echo
  if [ -n "$python" ]; then
    "$python" Benchmarks/corsika-rows.py "$validation" "${small[@]}" "${large[@]}"
  else
    echo "Not run: corsikaio could not be installed."
  fi
  echo
  echo "## Damaged files (\`corsika-validation fuzz\`)"
  echo
  "$validation" fuzz "${small[@]}" --mutations 10000
  if [ ${#large[@]} = 0 ]; then
    echo
    echo "The rest was not run: no large showers in \`$showers\` (variable CORSIKA_SHOWERS)."
  else
    echo
    echo "## Speed of the reader, one thread (\`corsika-validation speed\`)"
    echo
    "$validation" speed "${large[@]}"
    echo
    echo "## Rings of the rows against the reference (\`Fixtures/corsika/lateral.csv\`)"
    echo
    echo "Rings of 50 to 200 m from 200 to 2000 m. The reference has four digits; its quantiles of few rows (electrons beyond 1.5 km, some ten"
    echo "effective rows) depend on how one interpolates between rows."
    echo
    echo "| shower | particles | quantity | rings | mean deviation | largest deviation | rings within 1 % | all |"
    echo "|---|---|---|---|---|---|---|---|"
    for pair in proton:DAT000001 helium:DAT000004; do
      "$validation" rings "$work/${pair%:*}.dat" >"$work/rows.csv"
      /usr/bin/python3 Benchmarks/corsika-rings.py reference "$work/rows.csv" "${pair#*:}"
    done
    echo
    echo "## Multiplied against thinned, 400 to 2000 m"
    echo
    echo "What 1000 stations a ring draw from the multiplied shower, against the rows: difference in per cent, +- the statistical error of the"
    echo "rows of that ring. The particles are drawn from 350 m on here. Signal: mean deposits of all but muons; delays t10 / t50 / t90."
    echo "Asked for: densities kept to 3 %, delays to 5 %. Densities off by more are so by up to 1.7 errors of the rows (beyond 1.5 km some 50"
    echo "effective rows of electrons carry most of the signal, and its delays are off by up to 9 %)."
    echo
    echo "| shower | r [m] | muons | electrons | photons | signal | delays of muons | delays of the signal |"
    echo "|---|---|---|---|---|---|---|---|"
    for shower in proton helium; do
      edges=400,600,800,1100,1500,2000
      "$validation" rings "$work/$shower.dat" --edges $edges >"$work/rows.csv"
      "$validation" rings "$work/$shower.dat" --edges $edges --stations 1000 >"$work/stations.csv"
      /usr/bin/python3 Benchmarks/corsika-rings.py multiplied $shower "$work/rows.csv" "$work/stations.csv"
    done
    echo
    echo "## Scatter of stations at 800 m (\`corsika-validation scatter\`)"
    echo
    echo "Standard deviation of the number of particles in 3 m2, over that of a Poisson number: of the rows with their weights, of copies in the"
    echo "published cones alone, and as thrown (with rings)."
    echo
    "$validation" scatter "${large[@]}"
    echo
    echo "## Time of a throw, one thread (\`corsika-validation throw-speed\`)"
    echo
    echo "The helium shower of 12.5 EeV; ready is the time to read, index and correct it once."
    echo
    "$validation" throw-speed "$work/helium.dat"
    echo
    echo "## The helium shower thrown $throws times, beside the model"
    echo
    echo "Errors of the standard fit (all events with a result) against the truth. Model: helium of the same energy and zenith angle,"
    echo "\`QGSJetII-04\`; and with as many muons as this shower has."
    echo
    "$airshower" simulate --corsika "$helium" --throws "$throws" --seed 61 --output "$work/c.h5" --quiet
    "$airshower" reconstruct "$work/c.h5" --output "$work/cr.h5" --quiet >/dev/null
    for muons in 1 1.32; do
      printf '{"minimumLogEnergy": 19.098, "maximumLogEnergy": 19.098, "minimumZenith": 17.666, "maximumZenith": 17.666, "primaryWeights": {"He": 1}, "muonScaleFactor": %s}' $muons >"$work/same.json"
      "$airshower" simulate --events "$throws" --config "$work/same.json" --seed 62 --output "$work/m.h5" --quiet --overwrite
      "$airshower" reconstruct "$work/m.h5" --output "$work/m-$muons.h5" --quiet >/dev/null
    done
    /usr/bin/python3 Benchmarks/corsika-against-model.py "$work/points.csv" "CORSIKA=$work/cr.h5" "model=$work/m-1.h5" "model, muons x 1.32=$work/m-1.32.h5"
    gnuplot -e "values='$work/points.csv'; output='$results/corsika-chain.png'; first='CORSIKA'; second='model'; third='model, muons x 1.32'" Benchmarks/corsika-against-model.gp
    echo
    echo "![stations of the CORSIKA shower and of the model](corsika-chain.png)"
  fi
} >"$results/corsika.md.part"
mv "$results/corsika.md.part" "$results/corsika.md"
