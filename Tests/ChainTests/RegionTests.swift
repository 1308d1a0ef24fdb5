import Foundation
import Testing

/// Regions of the direction, as a user asks for them.
@Suite struct RegionTests {
  @Test func columnsAndCoverage() throws {
    let folder = try TemporaryFolder()
    let chain = try SmallChain.shared.get()
    let made = try Program.run(
      "correct", chain.reconstruction, "--regions", "--output", folder.path("c.h5"))
    try #require(made.status == 0, "\(made.errors)")
    let checked = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      [
        "-c",
        """
        import h5py, numpy as np
        f = h5py.File('\(folder.path("c.h5"))')
        r, s, t = f['reconstruction/reference'], f['reconstruction/standard'], f['truth']
        good = (r['status'][:] == 0) & (r['fallback'][:] == 0)
        major, minor, angle, scale, kappa = (
            r[n][:][good] for n in
            ('region68_major', 'region68_minor', 'region_angle', 'region95_scale', 'region_kappa'))
        assert (major >= minor).all() and (minor > 0).all() and (scale > 1.3).all()
        assert np.isnan(r['region68_major'][:][~good]).all()
        assert np.allclose(kappa, -2 * np.log(0.32) / major / minor, rtol=1e-5)
        # The ellipse is that of the errors, along the zenith and across.
        sin = np.sin(r['zenith'][:][good])
        errors = np.stack([r['zenith_sigma'][:][good], sin * r['azimuth_sigma'][:][good]])
        assert np.allclose(errors.max(0) / errors.min(0), major / minor, rtol=1e-3)
        passed = good & (s['cut'][:] == 0)
        u = r['zenith'][:] - t['zenith'][:]
        d = r['azimuth'][:] - t['azimuth'][:]
        v = np.sin(r['zenith'][:]) * ((d + np.pi) % (2 * np.pi) - np.pi)
        long = np.where(r['region_angle'][:] == 0, u, v) / r['region68_major'][:]
        short = np.where(r['region_angle'][:] == 0, v, u) / r['region68_minor'][:]
        inside = (long**2 + short**2 < 1)[passed]
        wide = (long**2 + short**2 < r['region95_scale'][:]**2)[passed]
        assert passed.sum() > 250 and abs(inside.mean() - 0.68) < 0.1, inside.mean()
        assert abs(wide.mean() - 0.95) < 0.05, wide.mean()
        """,
      ])
    #expect(checked.status == 0, "\(checked.errors)")
  }

  @Test func askedOfNetworksWithoutThem() throws {
    let folder = try TemporaryFolder()
    let chain = try SmallChain.shared.get()
    let spec = folder.path("spec.json")
    for (targets, reason) in [
      ("\"xmax\"", "does not predict the direction"),
      ("\"direction_zenith\", \"direction_azimuth\"", "fewer than 1000 validation events"),
    ] {
      try """
      {"name": "small", "event": [{"layer": "dense", "size": 4}], "targets": [\(targets)],
       "inputs": {"event": ["log_signal800", "secant_zenith"]}}
      """.write(toFile: spec, atomically: true, encoding: .utf8)
      let raw = folder.path("raw.h5")
      let reco = folder.path("reco.h5")
      if !folder.contents.contains("reco.h5") {
        for arguments in [
          ["simulate", "--events", "900", "--energy", "3:100", "--seed", "12", "--output", raw],
          ["reconstruct", raw, "--output", reco],
        ] {
          try #require(try Program.run(Program.url, arguments).status == 0)
        }
      }
      let trained = try Program.run(
        "train", reco, "--spec", spec, "--epochs", "1", "--output", folder.path("n.pt"),
        "--overwrite")
      try #require(trained.status == 0, "\(trained.errors)")
      let refused = try Program.run(
        "correct", chain.reconstruction, "--network", folder.path("n.pt"), "--regions", "--output",
        folder.path("refused.h5"))
      #expect(refused.status == 65, "\(refused.errors)")
      #expect(refused.errors.contains(reason), "\(refused.errors)")
      #expect(!folder.contents.contains("refused.h5"))
    }
  }
}
