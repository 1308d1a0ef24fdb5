import MessagePassing
import Testing

@Suite struct LaunchTests {
  @Test func aProcessOfItsOwnIsNoneOfAGroup() throws {
    #expect(Launch(["PATH": "/bin", "SLURM_ARRAY_TASK_ID": "3", "SLURM_PROCID": "0"]) == nil)
    #expect(try ProcessGroup.joined() == nil)
  }

  @Test func openMPISaysAll() {
    let launch = Launch([
      "OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_RANK": "5", "OMPI_COMM_WORLD_LOCAL_SIZE": "4",
      "PMIX_RANK": "5",
    ])
    #expect(launch?.launcher == "mpirun")
    #expect(launch?.rank == 5 && launch?.size == 8 && launch?.localSize == 4)
  }

  @Test func slurmSaysByPMI() {
    let two = Launch(["PMI_RANK": "1", "PMI_SIZE": "2", "SLURM_STEP_ID": "0"])
    #expect(two?.launcher == "srun" && two?.rank == 1 && two?.size == 2)
    let many = Launch(["PMIX_RANK": "0", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "16"])
    #expect(many?.rank == 0 && many?.size == 16)
    #expect(Launch(["PMIX_RANK": "0"])?.size == nil)
  }

  /// Processes of one machine share its processors; those that were bound to some keep to them.
  @Test(arguments: [
    (local: 4, online: 16, allowed: 16, threads: 4), (local: 4, online: 16, allowed: 1, threads: 1),
    (local: 8, online: 16, allowed: 8, threads: 2), (local: 4, online: 2, allowed: 2, threads: 1),
    (local: 1, online: 2, allowed: 2, threads: 2),
  ])
  func threadsAreShared(_ given: (local: Int, online: Int, allowed: Int, threads: Int)) {
    let launch = Launch([
      "OMPI_COMM_WORLD_SIZE": "64", "OMPI_COMM_WORLD_LOCAL_SIZE": "\(given.local)",
    ])
    #expect(launch?.threads(online: given.online, allowed: given.allowed) == given.threads)
  }
}
