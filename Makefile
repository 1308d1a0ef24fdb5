# airshower: everything a user or a CI needs, each target installing what it lacks.
#
#   make demo       from a fresh machine to a report: demo/report/report.html
#   make test       lint, unit tests, whole-process tests, commands of README and Documentation
#   make wheel      the Python package: dist/airshower-VERSION-py3-none-any.whl
#   make python-test         tests of the Python package, and its notebook; part of make test
#   make validate   the physics against its references, into Documentation/results/
#   make benchmark  speed and memory of the chain, into Documentation/results/
#   make reference-network   train the shipped networks again
#   make networks   what networks gain, with which systematic variations, into Documentation/results/
#   make energy-table        the energy table from simulated protons again
#   make tuned-front         the shower front of reconstruct --front tuned again
#   make tune-simulation     the constants of the shower model from CORSIKA showers again
#   make fuzz       10,000 mutations of every kind of input, into Documentation/results/
#   make interrupts signals and kills of every command, into Documentation/results/
#   make architectures       networks of all architectures with one budget, ranked
#   make limit      what an event can tell at most, beside all methods
#   make distance   how many events a data-simulation distance needs to see each variation
#   make composition         Xmax and ln A of a network trained for it, into Documentation/results/
#   make regions             coverage of the regions of direction, and of energy and Xmax
#   make weights             what weights of training events gain
#   make documentation       articles and declarations as a web site, .build/documentation
#   make million    a million events through the chain, into Documentation/results/
#   make mpi        libairshower-mpi.so for runs under mpirun, by MPICC=mpicc
#   make gpu-bundle a folder that tries a GPU on another machine with PyTorch: .build/gpu-bundle
#   make install    PREFIX=/usr/local, without sudo where it can be written; make uninstall
#   make dist       tarball and Debian package that need no Swift, in dist/; make dist-test tries them in bare systems
#   make release    both, wheel, check sums and notes of a version

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

PREFIX ?= /usr/local
DEMO_EVENTS ?= 8000
REFERENCE_EVENTS ?= 3000000
ENERGY_EVENTS ?= 70000
FRONT_EVENTS ?= 120000
SWIFT_FLAGS := --explicit-target-dependency-import-check error
RELEASE := .build/release/airshower
TORCH := .build/release/libairshower-torch.so
MPI := .build/release/libairshower-mpi.so
MPICC ?= mpicc
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

LIBRARIES := pkg-config git libgsl-dev libhdf5-dev libdeflate-dev zlib1g-dev libbz2-dev libssl-dev libopenblas-dev liblapacke-dev libtorch-dev gnuplot-nox zstd
MPI_TOOLS := openmpi-bin libopenmpi-dev
TEST_TOOLS := $(MPI_TOOLS) python3 python3-h5py python3-pandas python3-torch python3-scipy hdf5-tools time chromium
VALIDATION_TOOLS := python3-scipy python3-iminuit python3-venv
TUNING_TOOLS := python3-numpy python3-scipy
WHEEL_TOOLS := python3-venv python3-pip python3-setuptools python3-wheel
PYTHON_TOOLS := $(WHEEL_TOOLS) python3-h5py python3-pandas python3-matplotlib python3-pytest mypy python3-nbclient python3-nbformat python3-ipykernel
STAGE_TOOLS := python3 patchelf binutils dpkg-dev
VERSION := $(shell sed -n 's/.*version: "\([0-9.]*\)".*/\1/p' Sources/Build/CurrentBuild.swift)

.PHONY: build setup setup-test demo test lint unit-test readme-test benchmark-programs validate benchmark install corsika-library reference-network networks energy-table tune-simulation documentation tuned-front mpi gpu-bundle million fuzz client-test wheel python-test clean uninstall dist dist-test install-test release limit distance composition regions weights architectures interrupts

# Installs the Debian packages of a list that are missing.
define install_missing
	missing=$$(for package in $(1); do dpkg -s $$package >/dev/null 2>&1 || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing" $$missing; \
	  $(SUDO) apt-get update -q; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	fi
endef

setup:
	@command -v swift >/dev/null || { echo "Swift 6.3 is missing: https://www.swift.org/install/linux/"; exit 1; }
	@$(call install_missing,$(LIBRARIES))

setup-test: setup
	@$(call install_missing,$(TEST_TOOLS))

build: setup
	swift build -c release --product airshower $(SWIFT_FLAGS)
	swift build -c release --product airshower-torch $(SWIFT_FLAGS)

# Every MPI has another binary interface: its own compiler makes the library, and nothing else depends on it.
mpi: build
	@command -v $(MPICC) >/dev/null || { $(call install_missing,$(MPI_TOOLS)); }
	$(MPICC) -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared -ISources/CMessagePassing/include Sources/MPIEngine/MPIEngine.c -o $(MPI)

# Program, plug-in for the PyTorch of pip, tables and libraries in one archive, with Benchmarks/gpu.sh that runs it.
gpu-bundle: build
	@$(call install_missing,python3-pip $(STAGE_TOOLS))
	Tools/gpu-bundle.sh

demo: build
	rm -rf demo && mkdir demo
	$(RELEASE) simulate --events $(DEMO_EVENTS) --energy 1:300 --seed 7 --output demo/events.h5
	$(RELEASE) reconstruct demo/events.h5 --method standard --method published --front tuned --output demo/reco.h5
	$(RELEASE) correct demo/reco.h5 --network reference --output demo/corrected.h5
	$(RELEASE) compare demo/corrected.h5 --output demo/report
	@echo "The report: demo/report/report.html"

lint:
	swift format lint --strict --recursive Sources Tests Benchmarks Package.swift
	Tests/check-layout.sh

unit-test: setup-test build mpi
	swift build --build-tests $(SWIFT_FLAGS)
	AIRSHOWER_MPI=$(CURDIR)/$(MPI) AIRSHOWER_BINARY=$(CURDIR)/$(RELEASE) swift test --skip-build

readme-test: setup-test build
	PATH="$(CURDIR)/.build/release:$$PATH" Tests/run-readme.sh

# A package of somebody else that uses the libraries: a file of events, its first event reconstructed.
client-test: setup
	swift build --package-path Tests/ClientPackage --scratch-path .build/client
	.build/client/debug/client Fixtures/damaged/valid-20.h5 tables/energy/telescope-array-simulated.csv

# The wheel of the package Python, made of a copy: nothing of an earlier build can get into it.
wheel:
	@$(call install_missing,$(WHEEL_TOOLS))
	rm -rf .build/wheel dist/airshower-*.whl
	mkdir -p .build/wheel
	cp -rL Python/pyproject.toml Python/README.md Python/src LICENSE .build/wheel/
	version=$$(sed -n 's/^ *version: "\([0-9.]*\)".*/\1/p' Sources/Build/CurrentBuild.swift); \
	  sed -i "s/^version = .*/version = \"$${version:?}\"/" .build/wheel/pyproject.toml
	/usr/bin/python3 -m pip --disable-pip-version-check wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir dist .build/wheel

# The tests use the wheel as installed, in a virtual environment with the packages of Debian.
python-test: build wheel
	@$(call install_missing,$(PYTHON_TOOLS))
	AIRSHOWER_BINARY=$(CURDIR)/$(RELEASE) AIRSHOWER_TABLES=$(CURDIR)/tables Python/tests/run.sh

test:
	@Tests/run.sh

# The package Benchmarks: fit-validation, corsika-validation and message-rates, in .build/benchmarks/release; not installed.
# It compiles the modules that it uses again, so `make test` does without it.
benchmark-programs: setup
	swift build -c release --package-path Benchmarks --scratch-path .build/benchmarks $(SWIFT_FLAGS)

validate: setup-test build benchmark-programs
	@$(call install_missing,$(VALIDATION_TOOLS))
	Benchmarks/validate.sh
	Benchmarks/kill.sh
	Tests/run-libtorch.sh

# All methods on every full CORSIKA shower of these folders, 200 throws each: a minute or less a shower.
CORSIKA_LIBRARY ?= ../shared/data/corsika-library ../shared/data/corsika-showers
corsika-library: setup-test build
	/usr/bin/python3 Benchmarks/corsika-library.py $(CORSIKA_LIBRARY)

# The bound of Cramer and Rao beside all methods, into Documentation/results/limit.md: some minutes.
limit: setup-test build
	/usr/bin/python3 Benchmarks/limit/limit.py >Documentation/results/limit.md.part
	mv Documentation/results/limit.md.part Documentation/results/limit.md

# Each variation of the simulation against the nominal one, without truth: half an hour on two cores. DST adds events of others.
distance: setup-test build
	/usr/bin/python3 Benchmarks/distance.py $(if $(DST),--imported $(DST)) > Documentation/results/distance.md.part
	mv Documentation/results/distance.md.part Documentation/results/distance.md

# A network for Xmax and ln A, and what it tells: an hour on two cores.
composition: setup-test build
	mkdir -p composition
	python3 -m venv composition/trees
	composition/trees/bin/pip install --quiet scikit-learn h5py
	$(RELEASE) simulate --events 120000 --energy 1:300 --seed 2301 --variation mix --output composition/raw.h5 --overwrite
	$(RELEASE) reconstruct composition/raw.h5 --output composition/reco.h5 --overwrite
	rm composition/raw.h5
	$(RELEASE) train composition/reco.h5 --spec composition --epochs 10 --history composition/history.csv --output tables/networks/composition.pt --overwrite
	/usr/bin/python3 Benchmarks/composition.py tables/networks/composition.pt $(CORSIKA_LIBRARY) --trees composition/trees/bin/python composition/reco.h5 > Documentation/results/composition.md.part
	mv Documentation/results/composition.md.part Documentation/results/composition.md

# Coverage of the regions of both networks that give some: a quarter of an hour on two cores.
regions: setup-test build
	/usr/bin/python3 Benchmarks/regions.py $(CORSIKA_LIBRARY) > Documentation/results/regions.md.part
	mv Documentation/results/regions.md.part Documentation/results/regions.md

# What weights of training events gain: a quarter of an hour on two cores.
weights: setup-test build
	/usr/bin/python3 Benchmarks/weights.py > Documentation/results/weights.md.part
	mv Documentation/results/weights.md.part Documentation/results/weights.md

# Networks of all architectures with one budget, ranked, into Documentation/results/architectures.md: half an hour on two cores.
architectures: setup-test build
	Benchmarks/architectures.sh architectures

# A million events through the whole chain: about a quarter of an hour on two cores, and 30 GB of disk.
million: setup-test build
	Benchmarks/million.sh

# BEFORE=PROGRAM: another build, beside which simulate, reconstruct and train run in turns.
benchmark: setup-test build mpi benchmark-programs
	@$(call install_missing,$(VALIDATION_TOOLS))
	Benchmarks/chain.sh
	Benchmarks/scaling.sh
	Benchmarks/standard-fit.sh
	Benchmarks/network-speed.sh
	Benchmarks/kernels.py
	Benchmarks/speed-of-commands.py $(if $(BEFORE),--before $(BEFORE))
	Benchmarks/search.sh
	Benchmarks/growth.sh

# The shipped networks (Documentation/networks/) from $(REFERENCE_EVENTS) events, in the folder reference; goes on where it was interrupted.
# Two hours on two cores, 55 GB of disk, 2 GB of memory.
reference-network: build
	Tools/train-networks.sh reference $(REFERENCE_EVENTS)

# What networks gain with more events, from other simulations, and with systematic variations; 40 minutes on two cores.
networks: build
	Benchmarks/networks.sh networks

# Protons of QGSJETII-03, to which the energy scale of the Telescope Array refers; E^-1 from 1.5 to 600 EeV,
# so that the table's nodes have showers to either side; zenith below 60 degrees. About 5 minutes on 2 cores.
energy-table: build
	mkdir -p energy-table
	$(RELEASE) simulate --events $(ENERGY_EVENTS) --energy 1:600 --primaries H --max-zenith 60 --interaction-model QGSJetII-03 --seed 2001 --output energy-table/events.h5 --overwrite
	$(RELEASE) reconstruct energy-table/events.h5 --output energy-table/reco.h5 --overwrite
	$(RELEASE) table energy-table/reco.h5 --energies 1:600 --output tables/energy/telescope-array-simulated.csv --overwrite

# Delays and timing errors of the front in the nominal simulation: E^-1 from 1 to 300 EeV, H:He:N:Fe 1:1:1:1, zenith below
# 45 degrees. Some minutes on 2 cores.
tuned-front: build
	mkdir -p tuned-front
	$(RELEASE) simulate --events $(FRONT_EVENTS) --energy 1:300 --seed 3001 --output tuned-front/events.h5 --overwrite
	$(RELEASE) reconstruct tuned-front/events.h5 --output tuned-front/reco.h5 --overwrite
	$(RELEASE) tune-front tuned-front/reco.h5 --output tables/fronts/telescope-array-tuned.json --overwrite

# Constants of the shower model, and points of the same formulas in numpy for the tests. About a minute. Energy table and
# reference network depend on them, and the tuned front.
tune-simulation:
	@$(call install_missing,$(TUNING_TOOLS))
	OPENBLAS_NUM_THREADS=1 /usr/bin/python3 Tools/tune-simulation.py --points Fixtures/corsika/model-points.csv > shower-model.json.part
	mv shower-model.json.part tables/simulation/shower-model.json

# The articles with the public declarations of their modules, by the toolchain's own docc: a link that leads nowhere or a
# doc comment that names a parameter wrongly is an error. To read them: python3 -m http.server -d .build/documentation/site
DOCUMENTED := $(notdir $(basename $(wildcard Sources/*/*.docc)))
documentation: build
	rm -rf .build/documentation && mkdir -p .build/documentation/symbols
	triple=$$(swift -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p'); \
	for module in $(DOCUMENTED); do \
	  mkdir .build/documentation/symbols/$$module; \
	  swift symbolgraph-extract -module-name $$module -target $$triple -minimum-access-level public -skip-inherited-docs \
	    -I .build/release/Modules $(addprefix -I ,$(wildcard Sources/C*)) -output-dir .build/documentation/symbols/$$module; \
	  docc convert Sources/$$module/$$module.docc --additional-symbol-graph-dir .build/documentation/symbols/$$module \
	    --fallback-display-name $$module --fallback-bundle-identifier airshower.$$module --warnings-as-errors \
	    --output-dir .build/documentation/$$module.doccarchive; \
	done
	docc merge $(DOCUMENTED:%=.build/documentation/%.doccarchive) --synthesized-landing-page-name airshower \
	  --synthesized-landing-page-kind Package --output-path .build/documentation/site

# Without sudo where PREFIX can be written. The files are listed in share/airshower/installed-files, for `make uninstall`.
install: build
	@$(call install_missing,$(STAGE_TOOLS))
	AIRSHOWER_MPI=$(MPI) Tools/stage.sh .build/stage swift
	Packaging/install.sh install "$(PREFIX)" .build/stage

uninstall:
	Packaging/install.sh uninstall "$(PREFIX)"

# Tarball and Debian package of program, plug-ins and all libraries but glibc, in dist/.
dist: build mpi
	@$(call install_missing,$(STAGE_TOOLS))
	AIRSHOWER_MPI=$(MPI) Packaging/make-dist.sh $(VERSION)

# Both installed in bare systems without Swift, as root. RELEASES also knows noble (Ubuntu 24.04).
RELEASES ?= bookworm trixie
dist-test:
	@$(call install_missing,debootstrap)
	Packaging/test.sh $(VERSION) $(RELEASES)

# Everything of a release in dist/ (CONTRIBUTING.md has the checklist).
release:
	Packaging/release.sh $(VERSION) --dry-run
	$(MAKE) --no-print-directory dist
	Packaging/release.sh $(VERSION)

# Installed into an empty folder, tried with the toolchain hidden, removed again.
install-test: build
	@$(call install_missing,$(STAGE_TOOLS))
	Tests/run-installed.sh

# Mutated inputs of every kind, then parsers under libFuzzer for ten minutes each: three hours on two
# cores. Inputs that crash or hang are kept in fuzz/; an interrupted run of other_files.py goes on.
FUZZ_COUNT ?= 10000
fuzz: setup-test build
	mkdir -p fuzz
	/usr/bin/python3 -W ignore Tests/fuzz/event_files.py $(RELEASE) --count $(FUZZ_COUNT) --keep fuzz \
	  --report Documentation/results/fuzz-event-files.md
	/usr/bin/python3 -W ignore Tests/fuzz/other_files.py $(RELEASE) --count $(FUZZ_COUNT) --keep fuzz \
	  --resume fuzz/counts.json --report Documentation/results/fuzz-other-files.md
	rm -f fuzz/counts.json
	Tests/fuzz/libfuzzer.sh

# Signals at five moments of every command, and 400 kills: about 20 minutes.
interrupts: setup-test build
	/usr/bin/python3 -W ignore Benchmarks/interrupts.py $(RELEASE) --report Documentation/results/interrupts.md

clean:
	rm -rf .build demo dist
