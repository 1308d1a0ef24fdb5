#!/bin/sh
# The day's work of an installed airshower, in the folder it is called in: events, fit, correction, report, picture.
# Then where each library comes from: airshower's own folder, or a package of Debian.
#
#   days-work.sh PREFIX
#
# Prints the SHA-256 of all results as a table, to compare machines.
set -eu
prefix=$1
PATH=$prefix/bin:$PATH
unset LD_LIBRARY_PATH AIRSHOWER_TABLES

if command -v swift >/dev/null; then echo "days-work.sh: swift is installed here: this shows nothing"; exit 1; fi
airshower --version
airshower simulate --events 1000 --energy 1:300 --seed 2 --output events.h5 -q
airshower reconstruct events.h5 --output reco.h5 -q
airshower correct reco.h5 --network reference --name network --output corrected.h5 -q
airshower compare corrected.h5 --replicas 100 --output report -q > verdict.txt
airshower show corrected.h5 --output event.png > event.txt
airshower train reco.h5 --spec event --epochs 2 --output network.pt -q
airshower export corrected.h5 --format csv --output results.csv -q
for file in report/report.html report/summary.json event.png network.pt; do
  test -s $file || { echo "days-work.sh: $file is missing"; exit 1; }
done

count=0
for file in "$prefix/bin/airshower" "$prefix"/lib/airshower/*.so*; do
  case $file in */libairshower-mpi.so) continue ;; esac
  ldd "$file" > libraries.txt
  if grep 'not found' libraries.txt; then echo "days-work.sh: of $file"; exit 1; fi
  count=$((count + 1))
done
# The plug-in for MPI takes the MPI of the machine.
find "$prefix/bin/airshower" "$prefix/lib/airshower" -type f ! -name libairshower-mpi.so -exec ldd {} + |
  awk '$3 ~ /^\// { print $3 }' | sort -u > libraries.txt
while read -r library; do
  case $(readlink -f "$library") in
    "$(readlink -f "$prefix")"/lib/airshower/*) ;;
    */libc.so.6 | */libm.so.6 | */libdl.so.2 | */libpthread.so.0 | */libresolv.so.2 | */librt.so.1)
      echo "from the system, glibc: $library" ;;
    *) echo "days-work.sh: $library is neither of airshower nor of glibc"; exit 1 ;;
  esac
done < libraries.txt
if command -v mpirun >/dev/null; then
  mpirun -n 2 --allow-run-as-root --oversubscribe airshower simulate --events 200 --seed 2 --output mpi.h5 -q
  airshower simulate --events 200 --seed 2 --output one.h5 -q
  for file in mpi one; do
    airshower reconstruct $file.h5 --output $file-reco.h5 -q > cuts.txt
    airshower export $file-reco.h5 --format csv --output $file.csv -q
  done
  cmp mpi.csv one.csv
  echo "two processes by mpirun: the same events as one process"
fi
echo "libraries of airshower: $count, none missing"
sha256sum results.csv
