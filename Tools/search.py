#!/usr/bin/env python3
"""Search for a better network: an Optuna study that drives `airshower train`.

    pip install optuna matplotlib
    Tools/search.py reco.h5 --template tables/networks/grid.json --trials 20 --epochs 8 --output search

Each trial writes a specification (the template with other widths, kernels, grid, dropout, noise, L2), trains it through the
command line, and reads the validation loss of every epoch from its metrics file; a trial worse than the median of the others
at the same epoch is stopped. The loss of the validation split alone decides: the test split, which `train` counts and
drops, is not looked at. Compare the winner with `airshower compare`, once.

Any number of workers join: start the same command again, on this machine or on others that see the folder. The trials
lie in a journal file in the output folder (works on shared file systems), or in any database that Optuna knows
(--storage sqlite:///search.db, mysql://..., on one machine or a server). --trials counts those of all workers.
A worker that dies leaves its trial behind as running; the others go on.

Exit codes: 0 done, 1 no trial came to an end, 64 wrong use, 65 unusable input.
"""
import argparse
import copy
import csv
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

try:
    import optuna
except ImportError:
    sys.exit("search.py: optuna is missing: pip install optuna matplotlib")


# Names of files, studies and templates are data. Each target gets them by one function.
def visible(text):
    """A text for a terminal or the inside of a file: line breaks, escape sequences and other unseen letters written out."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in str(text))


def markdown(text):
    """A text as Markdown shows it."""
    return "".join("\\" + letter if letter in "\\`*_{}[]()<>#+!|~&" else letter for letter in visible(text))


def code(text):
    """A text as code in a line of Markdown, in more backticks than it holds."""
    text = visible(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"


def field(text):
    """A text as a field of a CSV file that no spreadsheet takes for a formula; numbers stay."""
    if not isinstance(text, str):
        return text
    text = visible(text)
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


# The one place that knows the form of specifications.
def edited(template, trial):
    """The specification of a trial: the template with the values that the trial suggests."""
    spec = copy.deepcopy(template)
    encoder, grid, event = (spec.get(part, []) for part in ("encoder", "grid", "event"))

    def scale(lines, factor):
        for line in lines:
            for key in ("maps", "size"):
                # Sizes of pooling are samples or cells, no widths.
                if key in line and line["layer"] != "pooling":
                    line[key] = max(4, round(line[key] * factor / 4) * 4)

    if encoder:
        scale(encoder, trial.suggest_categorical("encoder_width", [0.5, 0.75, 1.0, 1.5, 2.0]))
        first = next((line for line in encoder if line["layer"] == "convolution"), None)
        if first:
            first["kernel"] = trial.suggest_categorical("encoder_kernel", [4, 8, 12, 16])
            first["stride"] = min(first.get("stride", 1), first["kernel"])
    if grid:
        spec["gridSize"] = trial.suggest_int("grid_size", 4, 8)
        scale(grid, trial.suggest_categorical("grid_width", [0.5, 0.75, 1.0, 1.5]))
        # Lines that keep the size of the grid ("same", unless they say otherwise) need odd kernels no larger than it.
        kernel = trial.suggest_categorical("grid_kernel", [1, 3, 5])
        kernel = min(kernel, spec["gridSize"] - 1 + spec["gridSize"] % 2)
        for line in grid:
            if line["layer"] == "convolution":
                line["kernel"] = max(1, kernel - 1) if line.get("padding") == "valid" else kernel
    dropout = trial.suggest_float("dropout", 0.0, 0.3)
    noise = trial.suggest_float("noise", 0.0, 0.2)
    lines = [{"layer": "noise", "sigma": noise}]
    for line in event:
        if line["layer"] in ("dropout", "noise"):
            continue
        lines += [{"layer": "dropout", "rate": dropout}, line]
    spec["event"] = lines
    penalty = trial.suggest_float("l2", 1e-7, 1e-3, log=True)
    for line in encoder + grid + spec.get("stations", []) + spec["event"]:
        if line["layer"] in ("convolution", "dense", "context"):
            line["l2"] = penalty
    optimiser = trial.suggest_categorical("optimiser", ["adamW", "adam", "adadelta"])
    # Times the usual rate of the optimiser: one parameter, of one meaning for all of them.
    usual = 1.0 if optimiser == "adadelta" else 2e-3
    spec["training"] = {
        "optimiser": optimiser,
        "learningRate": usual * trial.suggest_float("learning_rate_factor", 0.25, 4.0, log=True),
        "oneCycle": optimiser != "adadelta",
        "weightDecay": 1e-5 if optimiser == "adadelta" else 1e-3,
    }
    return spec


def epochs_of(path):
    """Complete rows of a metrics file that may be growing."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return []
    # The last line may be half written.
    whole = text[: text.rfind("\n") + 1]
    return list(csv.DictReader(whole.splitlines()))


class Failure(Exception):
    """A training that ended with an error."""


class Search:
    def __init__(self, options):
        self.options = options
        self.output = pathlib.Path(options.output)
        self.template = json.loads(pathlib.Path(options.template).read_text())
        self.running = None

    def train(self, trial):
        """Trains one specification; reports every epoch, and stops where the study has seen enough."""
        options = self.options
        folder = self.output / f"trial-{trial.number:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        spec = edited(self.template, trial)
        spec["name"] = f"{self.template['name']}-{trial.number}"
        (folder / "spec.json").write_text(json.dumps(spec, indent=1) + "\n")
        history = folder / "history.csv"
        command = [
            options.airshower, "train", "--spec", str(folder / "spec.json"),
            "--epochs", str(options.epochs), "--seed", str(options.seed), "--cuts", options.cuts,
            "--threads", str(options.threads), "--history", str(history), "--overwrite", "--quiet",
            "--output", str(folder / "network.pt"),
        ]
        if options.max_events:
            command += ["--max-events", str(options.max_events)]
        # After "--" a name that begins with a dash is a file too.
        command += ["--", *options.inputs]
        trial.set_user_attr("command", shlex.join(command))
        started = time.monotonic()
        with open(folder / "log.txt", "w") as log:
            self.running = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                seen = self.follow(trial, history)
            finally:
                self.end()
                trial.set_user_attr("seconds", round(time.monotonic() - started, 1))
        status = self.running.returncode
        if status != 0:
            text = (folder / "log.txt").read_text().strip().splitlines()
            reason = text[-1] if text else f"exit code {status}"
            trial.set_user_attr("reason", reason)
            # A loss that is no number says that the values are bad, not that the study is.
            if status == 1:
                raise optuna.TrialPruned(reason)
            raise Failure(reason)
        if not seen:
            raise Failure(f"{history}: no epochs")
        best = min(seen, key=lambda row: float(row["validation_loss"]))
        trial.set_user_attr("best_epoch", int(best["epoch"]))
        for key, value in best.items():
            if key.startswith("explained_variance") or key == "events_per_second":
                trial.set_user_attr(key, float(value))
        return float(best["validation_loss"])

    def follow(self, trial, history):
        """Rows of the metrics file, reported as they come, until training ends."""
        reported = 0
        while True:
            ended = self.running.poll() is not None
            rows = epochs_of(history)
            for row in rows[reported:]:
                trial.report(float(row["validation_loss"]), int(row["epoch"]))
            reported = len(rows)
            if ended:
                return rows
            if reported and trial.should_prune():
                self.end()
                raise optuna.TrialPruned(f"epoch {reported}")
            time.sleep(self.options.poll)

    def end(self):
        """Ends the training, if it has not ended: first as Ctrl-C does, so that nothing half is left."""
        if self.running.poll() is None:
            self.running.send_signal(signal.SIGTERM)
            try:
                self.running.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait()


STATES = ("COMPLETE", "PRUNED", "FAIL", "RUNNING")


def write_table(study, path):
    trials = sorted(study.trials, key=lambda trial: (trial.value is None, trial.value, trial.number))
    names = sorted({name for trial in trials for name in trial.params})
    extra = sorted({name for trial in trials for name in trial.user_attrs} - {"command"})
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["trial", "state", "validation_loss", "epochs", *map(field, [*names, *extra])])
        for trial in trials:
            writer.writerow(
                [trial.number, trial.state.name, trial.value, len(trial.intermediate_values)]
                + [field(trial.params.get(name)) for name in names]
                + [field(trial.user_attrs.get(name)) for name in extra])
    return trials, names


def draw(study, folder):
    """The usual pictures; those that the trials are too few for are left out, with the reason."""
    import warnings

    import matplotlib

    matplotlib.use("Agg")
    # Of pictures that are called experimental, and of parameters with one value.
    warnings.simplefilter("ignore")
    import matplotlib.pyplot as plt
    from optuna.importance import PedAnovaImportanceEvaluator
    from optuna.visualization import matplotlib as pictures

    evaluator = PedAnovaImportanceEvaluator()
    drawn, left_out = [], []
    for name, make in (
        ("history", pictures.plot_optimization_history),
        ("epochs", pictures.plot_intermediate_values),
        ("importance", lambda study: pictures.plot_param_importances(study, evaluator=evaluator)),
        ("slices", pictures.plot_slice),
        ("parallel", pictures.plot_parallel_coordinate),
        ("timeline", pictures.plot_timeline),
    ):
        plt.close("all")
        try:
            make(study)
            figure = plt.gcf()
            figure.set_size_inches(*((26, 5) if name == "slices" else (11, 6)))
            if name == "slices":
                for axes in figure.axes:
                    axes.tick_params(axis="x", labelrotation=60)
            figure.savefig(folder / f"{name}.png", dpi=110, bbox_inches="tight")
            drawn.append(name)
        except (ValueError, RuntimeError, KeyError) as error:
            left_out.append((name, str(error)))
    plt.close("all")
    return drawn, left_out


def text(value):
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def report(study, options):
    """Table, pictures and report.md; whether any trial was completed."""
    folder = pathlib.Path(options.output)
    trials, names = write_table(study, folder / "trials.csv")
    done = [trial for trial in trials if trial.state.name == "COMPLETE"]
    counts = {state: sum(trial.state.name == state for trial in trials) for state in STATES}
    lines = [
        f"# Search: {markdown(study.study_name)}", "",
        f"{len(trials)} trials of {code(options.template)} with {', '.join(map(code, options.inputs))}: "
        + ", ".join(f"{count} {state.lower()}" for state, count in counts.items() if count) + ".",
        f"At most {options.epochs} epochs, seed {options.seed}"
        + (f", the first {options.max_events} events of each file" if options.max_events else "") + ".",
        "The smallest loss on the validation split decides. No event of the test split was used for a",
        "network or a loss.", "",
    ]
    if done:
        best = done[0]
        spread = [trial.value for trial in done]
        winner = folder / "best.json"
        shutil.copyfile(folder / f"trial-{best.number:04d}" / "spec.json", winner)
        lines += [
            f"**Best: trial {best.number}, validation loss {best.value:.5f}** "
            f"(median of the completed ones {sorted(spread)[len(spread) // 2]:.5f}),",
            "specification `best.json`. The loss of the best among many trials is too good by chance. Train this",
            "specification with other seeds, and compare once:", "",
            "```console",
            visible(shlex.join(["airshower", "train", "--spec", str(winner), "--seed", "2", "--output", "best.pt", "--", *options.inputs])),
            "```", "",
        ]
    header = ["trial", "state", "validation loss", "epochs", *names, "s", "reason"]
    lines += ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for trial in trials:
        cells = [trial.number, trial.state.name.lower(), trial.value, len(trial.intermediate_values)]
        cells += [trial.params.get(name) for name in names]
        cells += [trial.user_attrs.get("seconds"), trial.user_attrs.get("reason")]
        lines.append("| " + " | ".join(markdown(text(cell)) for cell in cells) + " |")
    drawn, left_out = draw(study, folder) if done else ([], [])
    for name in drawn:
        lines += ["", f"![{name}]({name}.png)"]
    for name, reason in left_out:
        lines += ["", f"Picture {name} left out: {markdown(reason)}"]
    (folder / "report.md").write_text("\n".join(lines) + "\n")
    print(f"{visible(folder / 'report.md')}: {len(done)} of {len(trials)} trials completed", file=sys.stderr)
    return bool(done)


def storage(options):
    if options.storage and "://" in options.storage:
        return options.storage
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    path = options.storage or str(pathlib.Path(options.output) / "trials.journal")
    return JournalStorage(JournalFileBackend(path))


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda message: (print(f"search.py: {visible(message)}", file=sys.stderr), sys.exit(64))
    parser.add_argument("inputs", nargs="+", help="reconstructed event files with truth")
    parser.add_argument("--template", default="tables/networks/grid.json", help="specification to vary")
    parser.add_argument("--trials", type=int, default=20, help="trials of all workers together (20)")
    parser.add_argument("--epochs", type=int, default=8, help="epochs of a trial at most (8)")
    parser.add_argument("--max-events", type=int, help="events to read from each file at most")
    parser.add_argument("--cuts", default="standard", help="selection of the events to learn from")
    parser.add_argument("--threads", type=int, default=1, help="threads of a training (1)")
    parser.add_argument("--seed", type=int, default=1, help="seed of every training (1)")
    parser.add_argument("--sampler-seed", type=int, help="seed of the suggestions (default: another for each worker)")
    parser.add_argument("--timeout", type=float, help="seconds after which this worker begins no further trial")
    parser.add_argument("--study", default="search", help="name of the study in the storage (search)")
    parser.add_argument("--storage", help="journal file, or URL of a database (default: OUTPUT/trials.journal)")
    parser.add_argument("--airshower", default="airshower", help="the program (airshower)")
    parser.add_argument("--poll", type=float, default=0.5, help="seconds between looks at the metrics file (0.5)")
    parser.add_argument("--report-only", action="store_true", help="write table, pictures and report, and stop")
    parser.add_argument("--output", default="search", help="folder of trials and report (search)")
    options = parser.parse_args()
    for path in [*options.inputs, options.template]:
        if not os.path.exists(path):
            print(f"search.py: {visible(path)}: no such file", file=sys.stderr)
            sys.exit(65)
    if shutil.which(options.airshower) is None:
        parser.error(f"{options.airshower}: no such program; make install, or --airshower FILE")
    return options


def main():
    options = arguments()
    pathlib.Path(options.output).mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.INFO)
    study = optuna.create_study(
        study_name=options.study, storage=storage(options), load_if_exists=True, direction="minimize",
        sampler=optuna.samplers.TPESampler(
            seed=options.sampler_seed, constant_liar=True, n_startup_trials=8),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2))
    if not options.report_only:
        ended = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED, optuna.trial.TrialState.FAIL)
        limit = optuna.study.MaxTrialsCallback(options.trials, states=ended)
        if sum(trial.state in ended for trial in study.trials) < options.trials:
            search = Search(options)
            try:
                study.optimize(
                    search.train, timeout=options.timeout, callbacks=[limit], catch=(Failure,))
            except KeyboardInterrupt:
                print("search.py: interrupted; the trials are kept", file=sys.stderr)
    sys.exit(0 if report(study, options) else 1)


if __name__ == "__main__":
    main()
