/// What the environment says of how the process was started, before any message is sent.
public struct Launch: Equatable, Sendable {
  /// The program that started the processes, for messages.
  public let launcher: String
  /// Number of this process; nil where the environment does not say.
  public let rank: Int?
  /// Number of processes; nil where the environment does not say.
  public let size: Int?
  /// Processes on this machine; nil where the environment does not say.
  public let localSize: Int?

  /// Nil for a process that was started alone. Three things can start several: OpenMPI, what speaks
  /// PMI (MPICH, Intel MPI, Slurm's srun --mpi=pmi2), and what speaks PMIx (srun --mpi=pmix).
  public init?(_ environment: [String: String]) {
    func number(_ names: String...) -> Int? {
      names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    }
    let size = number("OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
    let rank = number("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK")
    guard size != nil || rank != nil else { return nil }
    launcher =
      environment["OMPI_COMM_WORLD_SIZE"] != nil
      ? "mpirun" : environment["SLURM_STEP_ID"] != nil ? "srun" : "mpiexec"
    self.rank = rank
    self.size = size ?? number("SLURM_STEP_NUM_TASKS")
    localSize = number("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS_PER_NODE")
  }

  /// Threads that each process may have when they share the processors of their machine.
  ///
  /// - Parameters:
  ///   - online: processors of the machine.
  ///   - allowed: those on which this process may run.
  /// - Returns: at least 1.
  public func threads(online: Int, allowed: Int) -> Int {
    max(1, min(allowed, online / max(localSize ?? size ?? 1, 1)))
  }
}
