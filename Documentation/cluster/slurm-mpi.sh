#!/bin/bash
# The chain under MPI, one process a core: sbatch slurm-mpi.sh
#SBATCH --job-name=airshower-mpi
#SBATCH --ntasks=64
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=1G
#SBATCH --time=02:00:00
set -euo pipefail
# mpirun of the MPI that libairshower-mpi.so was made with (make mpi); for srun it must be built for it: --mpi=pmix.
module load openmpi 2>/dev/null || true

mpirun airshower simulate --events 1000000 --energy 1:300 --seed 1 --output events.h5
mpirun airshower reconstruct events.h5 --output reco.h5
mpirun airshower correct reco.h5 --output corrected.h5
airshower compare corrected.h5 --output report
