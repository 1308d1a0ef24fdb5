#!/bin/bash
# CORSIKA input against its references. Writes Documentation/results/corsika.md; `make validate` runs it.
# Usage: Benchmarks/corsika.sh [THROWS]     (default 500)
# The two large showers are looked for in $CORSIKA_SHOWERS (default ../shared/data/corsika-showers): proton-*.dat.zst, helium-*.dat.zst.
set -euo pipefail
cd "$(dirname "$0")/.."
throws=${1:-500}
airshower=$PWD/.build/release/airshower
validation=$PWD/.build/benchmarks/release/corsika-validation
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
  echo "Made by \`make validate\` (\`Benchmarks/corsika.sh $throws\`) on $(date -u +%Y-%m-%d)."
  echo "[corsika.md](../corsika.md) describes the method."
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
    echo "Rings of 50 to 200 m width from 200 to 2000 m. The reference has four digits. Where it has few rows"
    echo "(electrons beyond 1.5 km, some ten effective rows) its quantiles depend on the interpolation"
    echo "between rows."
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
    echo "1000 stations in each ring draw particles from the de-thinned (multiplied) shower. The table"
    echo "compares them with the thinned rows: difference in per cent, +- the statistical error of the rows"
    echo "of that ring. Particles are drawn from 350 m on here. Signal is the mean deposit of all particles"
    echo "except muons. Delays are t10 / t50 / t90."
    echo ""
    echo "The aim is 3 % for densities and 5 % for delays. Densities outside the aim differ by up to 1.7"
    echo "errors of the rows. Beyond 1.5 km some 50 effective rows of electrons carry most of the signal, and"
    echo "the delays of the signal differ by up to 9 %."
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
    echo "Standard deviation of the number of particles in 3 m2, divided by that of a Poisson number. Three"
    echo "cases: the rows with their weights, copies in the published cones alone, and as thrown (with"
    echo "rings)."
    echo
    "$validation" scatter "${large[@]}"
    echo
    echo "## Time of a throw, one thread (\`corsika-validation throw-speed\`)"
    echo
    echo "The helium shower of 12.5 EeV. *Ready* is the time to read, index and correct it once."
    echo
    "$validation" throw-speed "$work/helium.dat"
    echo
    echo "## The helium shower thrown $throws times, beside the model"
    echo
    echo "Errors of the standard fit (fit minus truth, all events with a result). The model is helium of the"
    echo "same energy and zenith angle with \`QGSJetII-04\`. The last column has as many muons as this shower."
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
