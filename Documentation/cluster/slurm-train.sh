#!/bin/bash
# Training by several processes that goes on after every cut: sbatch slurm-train.sh
#SBATCH --job-name=airshower-train
#SBATCH --ntasks=16
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=1G
#SBATCH --time=04:00:00
#SBATCH --requeue
set -euo pipefail
# mpirun of the MPI that libairshower-mpi.so was made with (make mpi).
module load openmpi 2>/dev/null || true

mpirun airshower train reco*.h5 --spec set --threads 1 --scratch "${TMPDIR:-/tmp}" --resume --history curve.csv --output network.pt
