"""`python -m nn`: what it prints and writes."""

import io
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import nn
from nn.__main__ import main

FILES = ["boundary.svg", "loss.svg", "model.json", "net.svg", "neuron.svg"]


def test_the_main_job_separates_the_moons_and_writes_its_files(tmp_path, capsys):
    main(["--out", str(tmp_path / "out")])
    shown = capsys.readouterr()
    assert "moons: 100 rows of 2 features, 2 classes; <MLP(n_in=2, sizes=[16, 16, 1]" in shown.out
    assert "training accuracy 100.0%" in shown.out
    assert "100/100" in shown.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    assert all(
        path.read_text().lstrip().startswith(("<svg", "<?xml"))
        for path in (tmp_path / "out").glob("*.svg")
    )
    model = nn.load(tmp_path / "out" / "model.json")
    X, y = nn.data.moons(100)
    assert nn.accuracy(nn.predict(model, X), y) == 1.0


@pytest.mark.parametrize("data", ["moons", "iris"])
def test_the_picture_of_a_neuron_keeps_the_chain_rule(data, tmp_path, capsys):
    main(["--data", data, "--epochs", "2", "--hidden", "3", "--out", str(tmp_path)])
    picture = (tmp_path / "neuron.svg").read_text()
    [root] = re.findall(r"<title[^>]*>Computation graph of (layers\.0\.neurons\.\d) = ", picture)
    assert f"neuron.svg {root} alone for that row" in capsys.readouterr().out
    brought = {}
    for name, flow in re.findall(r"times gradient \S+ gives (\S+) (\S+)</title>", picture):
        brought[name] = brought.get(name, 0.0) + float(flow)
    boxes = dict(re.findall(r"<title>([^\n=]+?)(?: = .*)?\ndata .*\ngrad (.*)</title>", picture))
    assert float(boxes[root]) == 1.0
    leaves = brought.keys() & boxes.keys()
    assert {"w.0", "w.1", "b"} < leaves
    assert {name: float(boxes[name]) for name in leaves} == {name: brought[name] for name in leaves}


def test_net_svg_shows_the_row_of_the_largest_loss_and_its_target(tmp_path, capsys):
    main(["--epochs", "2", "--hidden", "3", "--out", str(tmp_path)])
    model = nn.load(tmp_path / "model.json")
    X, y = nn.data.moons(100)
    losses = [
        float(nn.binary_cross_entropy([o], [t]))
        for o, t in zip(nn.predict(model, X), y, strict=True)
    ]
    target = y[losses.index(max(losses))]
    said = f"the training row whose loss is largest (target 'class {target}')"
    assert said in capsys.readouterr().out
    assert f">target {target}<" in (tmp_path / "net.svg").read_text()


def test_a_seed_reproduces_every_byte_in_another_process(tmp_path):
    arguments = ["--data", "xor", "--hidden", "4", "--epochs", "3", "--seed", "7", "--out"]
    main([*arguments, str(tmp_path / "one")])
    command = [sys.executable, "-W", "error", "-m", "nn", *arguments, str(tmp_path / "two")]
    subprocess.run(command, check=True, capture_output=True, cwd=Path(nn.__file__).parents[1])
    main([*arguments[:-3], "--seed", "8", "--out", str(tmp_path / "other")])
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        assert (tmp_path / "one" / name).read_bytes() != (tmp_path / "other" / name).read_bytes()


@pytest.mark.parametrize(
    ("rows", "expected", "n_out"),
    [
        ("a,b,kind\n0,1,cat\n1,0,dog\n0.1,0.9,cat\n0.9,0.2,dog\n", "2 classes", 1),
        ("a,b,kind\n0,1,3\n1,0,5\n0.5,0.5,9\n", "3 classes", 3),
        ("a,b,kind\n0,1,0.5\n1,0,1.5\n0.5,0.5,2.0\n", "no classes", 1),
        ("a,b,kind\n" + "".join(f"{n},{n % 3},{1000 * n}\n" for n in range(21)), "no classes", 1),
    ],
)
def test_a_table_of_the_user_s_own(rows, expected, n_out, tmp_path, capsys):
    (tmp_path / "table.csv").write_text(rows)
    main(
        [
            "--data",
            str(tmp_path / "table.csv"),
            "--target",
            "kind",
            "--epochs",
            "2",
            "--hidden",
            "3",
            "--out",
            str(tmp_path / "out"),
        ]
    )
    shown = capsys.readouterr().out
    assert expected in shown
    assert ("training R2" if expected == "no classes" else "training accuracy") in shown
    assert "ask it for rows like these: python -m nn predict " in shown
    assert json.loads((tmp_path / "out" / "model.json").read_text())["settings"]["sizes"] == [
        3,
        n_out,
    ]
    assert (tmp_path / "out" / "boundary.svg").exists() == (expected != "no classes")
    assert "a, standardized" in (tmp_path / "out" / "net.svg").read_text()


def test_a_quantity_is_learnt_whatever_its_unit(tmp_path, capsys):
    """Houses at 50,000 to 250,000: without scaling, a hundred steps of 0.05
    would not leave the neighbourhood of 0, with an R2 below 0.
    """
    (tmp_path / "houses.csv").write_text(
        "rooms,price\n" + "".join(f"{n},{50000.5 + 10000 * n}\n" for n in range(21))
    )
    main(
        [
            "--data",
            str(tmp_path / "houses.csv"),
            "--target",
            "price",
            "--hidden",
            "4",
            "--out",
            str(tmp_path / "out"),
        ]
    )
    assert float(capsys.readouterr().out.partition("training R2 ")[2].split()[0]) > 0.99


def test_a_training_that_diverges_says_so(tmp_path, capsys):
    out = tmp_path / "out"
    options = ["--epochs", "9", "--hidden", "2", "--lr", "1e200", "--out", str(out)]
    with pytest.raises(SystemExit) as stopped:
        main(["--data", "xor", *options])
    assert stopped.value.code == 1
    shown, errors = capsys.readouterr()
    assert "the training diverged, its loss is " in shown
    assert "diverged" not in errors  # it is said once
    assert "try a lower --lr than 1e+200" in shown
    assert "accuracy" not in shown
    assert not out.exists()


def interrupted(after):
    """What the user's Ctrl-C does in the epoch after this many."""

    def watch(self, run):
        if len(run.history) > after:
            raise KeyboardInterrupt
        return False

    return watch


def test_ctrl_c_keeps_what_was_trained_with_its_pictures(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("nn.commands._Watch.__call__", interrupted(2))
    with pytest.raises(SystemExit) as stopped:
        main(["--epochs", "50", "--hidden", "4", "--out", str(tmp_path / "out")])
    assert stopped.value.code == 130
    assert "stopped in epoch 4: what was trained until then is kept" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    assert not nn.load(tmp_path / "out" / "model.json").training


def test_ctrl_c_before_anything_was_trained_writes_nothing(tmp_path, capsys, monkeypatch):
    def fit(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("nn.commands.fit", fit)
    with pytest.raises(SystemExit) as stopped:
        main(["--out", str(tmp_path / "out")])
    assert stopped.value.code == 130
    assert "stopped, and nothing was written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_a_signal_from_the_keyboard_keeps_the_model_of_a_table(tmp_path):
    command = [sys.executable, "-m", "nn", "--data", "iris", "--epochs", "100000"]
    root = Path(nn.__file__).parents[1]
    process = subprocess.Popen(
        [*command, "--patience", "100000", "--hidden", "4", "--out", str(tmp_path / "out")],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs ignore the signal, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        seen = ""
        while not re.search(r" [1-9]\d*/100000", seen):
            new = process.stderr.read(1)
            assert new, seen
            seen += new
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert process.returncode == 130
    assert re.search(r"stopped in epoch \d+: what was trained until then is kept", shown)
    columns = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    answer = nn.answer(nn.load(tmp_path / "out" / "model.json"), dict.fromkeys(columns, "1"))
    assert answer.prediction in ("setosa", "versicolor", "virginica")
    assert (tmp_path / "out" / "loss.svg").exists()


def test_ctrl_c_among_the_pictures_keeps_the_model(tmp_path, capsys, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    (tmp_path / "loss.svg").write_text("of another run")
    monkeypatch.setattr("nn.commands._pictures", interrupt)
    with pytest.raises(SystemExit) as stopped:
        main(["--data", "xor", "--epochs", "1", "--hidden", "2", "--out", str(tmp_path)])
    assert stopped.value.code == 130
    shown = capsys.readouterr().out
    assert "stopped before all pictures were drawn" in shown
    assert "wrote model.json to" in shown
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="has other pipes")
def test_a_reader_that_has_seen_enough_is_no_error(penguins, tmp_path):
    trained(penguins, tmp_path / "out")
    rows = "island,bill,note\n" + f"Dream,40,{'x' * 200}\n" * 2000  # more than a pipe holds
    (tmp_path / "rows.csv").write_text(rows)
    command = [sys.executable, "-m", "nn", "predict", str(tmp_path / "out" / "model.json")]
    process = subprocess.Popen(
        [*command, str(tmp_path / "rows.csv")],
        cwd=Path(nn.__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "island,bill,note,prediction,probability\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 141
    process.stderr.close()


@pytest.mark.skipif(sys.platform == "win32", reason="has other pipes")
@pytest.mark.parametrize("options", [[], ["--target", "a"], ["--columns", "a"], ["--drop", "c"]])
def test_a_table_may_come_from_a_pipe(options, capsys):
    """As in `python -m nn describe <(unzip -p table.zip)`."""
    end, start = os.pipe()
    os.write(start, b"a,b,c\n1,2,3\n4,5,6\n")
    os.close(start)
    main(["describe", f"/dev/fd/{end}", *options])
    os.close(end)
    assert f"/dev/fd/{end}: 2 rows of" in capsys.readouterr().out


def test_a_command_runs_without_streams(penguins, tmp_path, monkeypatch):
    """As under pythonw, or with `>&-`."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    trained(penguins, tmp_path / "out", "--columns", "bill")
    main(["describe", str(penguins)])
    main(["predict", str(tmp_path / "out" / "model.json"), str(penguins)])
    with pytest.raises(SystemExit, match="2"):
        main(["describe", "none.csv"])


def test_letters_that_a_terminal_lacks_lose_no_training(penguins, tmp_path, monkeypatch, capsys):
    """But answers are written as they are, or not at all."""
    penguins.write_text(penguins.read_text().replace("Adelie", "Ad\u00e9lie"), encoding="utf-8")
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", shown)
        trained(penguins, tmp_path / "out")
        main(["describe", str(penguins)])
    assert rb"2 texts: Ad\xe9lie, Gentoo" in shown.buffer.getvalue()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    with pytest.raises(SystemExit, match="2"):
        main(["predict", str(tmp_path / "out" / "model.json"), str(penguins)])
    assert sys.stdout.buffer.getvalue() == b""
    assert sys.stdout.buffer.getvalue() == b""
    said = capsys.readouterr().err
    assert said.endswith("'\u00e9' cannot be written in ascii: set PYTHONIOENCODING=utf-8\n")


def test_a_folder_in_a_file_s_place_is_told_before_training(tmp_path, capsys):
    (tmp_path / "loss.svg").mkdir()
    with pytest.raises(SystemExit, match="2"):
        main(["--data", "xor", "--epochs", "1", "--hidden", "2", "--out", str(tmp_path)])
    said = capsys.readouterr().err
    assert said.endswith("loss.svg is a folder, where a file is to be written: rename it\n")
    assert [path.name for path in tmp_path.iterdir()] == ["loss.svg"]


def test_what_was_written_is_said_also_where_a_picture_cannot_be(tmp_path, capsys, monkeypatch):
    def save(ax, path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("nn.commands.plots.save", save)
    with pytest.raises(SystemExit, match="2"):
        main(["--data", "xor", "--epochs", "1", "--hidden", "2", "--out", str(tmp_path)])
    shown = capsys.readouterr()
    assert f"wrote model.json, neuron.svg, net.svg to {tmp_path}" in shown.out
    assert shown.err.endswith(f"No space left on device: '{tmp_path / 'loss.svg'}'\n")


def test_pictures_of_another_run_do_not_stay(tmp_path):
    main(["--data", "xor", "--epochs", "1", "--hidden", "2", "--out", str(tmp_path)])
    (tmp_path / "notes.svg").write_text("the user's own")
    assert (tmp_path / "boundary.svg").exists()
    main(["--data", "iris", "--epochs", "1", "--hidden", "2", "--out", str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "loss.svg",
        "model.json",
        "net.svg",
        "neuron.svg",
        "notes.svg",
    ]


def test_what_will_be_replaced_is_said_before_training(tmp_path, capsys, monkeypatch):
    options = ["--data", "xor", "--epochs", "1", "--hidden", "2", "--out", str(tmp_path)]
    main(options)
    assert "replaces" not in capsys.readouterr().out

    def fit(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("nn.commands.fit", fit)
    with pytest.raises(SystemExit, match="130"):
        main(options)
    assert (
        f"{tmp_path} has model.json, boundary.svg, loss.svg, net.svg, neuron.svg already: "
        "this training replaces or removes files of these names" in capsys.readouterr().out
    )


def test_without_matplotlib_the_charts_are_missing_aloud(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    main(["--data", "xor", "--epochs", "1", "--hidden", "2", "--out", str(tmp_path)])
    shown = capsys.readouterr().out
    assert (
        "no charts: charts need matplotlib, which is not installed: pip install matplotlib" in shown
    )
    assert "wrote model.json, neuron.svg, net.svg to" in shown
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model.json",
        "net.svg",
        "neuron.svg",
    ]


def test_iris_has_three_outputs_and_no_boundary(tmp_path, capsys):
    main(["--data", "iris", "--epochs", "1", "--hidden", "4", "--out", str(tmp_path)])
    assert "iris: 150 rows of 4 features, 3 classes" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "loss.svg",
        "model.json",
        "net.svg",
        "neuron.svg",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "missing.csv", "--target", "y"], "missing.csv: there is no such file"),
        (
            ["--data", "moon"],
            "the data sets that have a name are moons, circles, spirals, xor, iris",
        ),
        (["--data", "table.csv"], "'same' is the same in every row"),
        (["--data", "moons", "--drop", "x1"], "--drop is about a table, and --data moons is none"),
        (
            ["--data", "table.csv", "--target", "no"],
            "no column is named 'no'; the header is x, same",
        ),
        (["--data", "table.csv", "--drop", "same"], "to predict 'x' from"),
        (["--data", "table.csv", "--held-out", "1"], "held_out must be in [0, 1), not 1.0"),
        (["--data", "table.csv", "--delimiter", "/"], "the delimiter '/' is none of"),
        (["predict", "none.json", "table.csv"], "none.json"),
        (["describe", "none.csv"], "none.csv"),
        (
            ["table.csv"],
            "'table.csv' is none of the commands train, predict, describe",
        ),
        (["--data", "table.csv", "--target", "same"], "'same' is the same in every row"),
        (["--target", "y"], "--data moons is none"),
        (["--patience", "5"], "--patience is about a table, and --data moons is none"),
        (["--missing", "-"], "--missing is about a table, and --data moons is none"),
        (["--model", "gpt", "--patience", "5"], "--patience is about a table, and not about texts"),
        (["--data", "table.csv", "--patience", "-1"], "patience must be one of 0, 1, ..., not -1"),
        (["--hidden", "4", "many"], "--hidden: invalid int value: 'many'"),
        (["--out", "table.csv"], "--out table.csv is no folder, and files go to one"),
        (["--out", "table.csv/out"], "--out table.csv/out is no folder, and files go to one"),
        (["--data", "two\nlines.csv"], r"two\nlines.csv: there is no such file"),
        (["--data", "table.csv", "--drop", "x", "same"], "--drop leaves no column out of x, same"),
        (["describe", "table.csv", "--drop", "x", "same"], "--drop leaves no column"),
        (["--hidden", "0"], "hidden must be one of 1, 2, ..., not 0"),
        (["--lr", "-1"], "lr must be in [0, inf), not -1.0"),
        (["--epochs", "0"], "epochs must be one of 1, 2, ..., not 0"),
        (["--lr", "fast"], "argument --lr: invalid float value: 'fast'; see python -m nn train"),
        (["--model", "rnn"], "argument --model: invalid choice: 'rnn'"),
        (["train", "table.csv"], "to train on a table, say --data table.csv"),
        (["--epcohs", "3"], "unrecognized arguments: --epcohs 3; see python -m nn train --help"),
        (["predict"], "the following arguments are required: model, rows; see python -m nn pre"),
        (["--model", "gpt", "--data", "."], ". is a folder, not a file"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    arguments, message, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("x,same\n1,5\n2,5\n")
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    shown = capsys.readouterr().err
    assert stopped.value.code == 2
    assert message in shown
    assert shown.count("\n") == 1
    assert "epoch/s" not in shown  # no training before the mistake is told
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


PENGUINS = "".join(
    f"{i},{'Biscoe' if i % 3 else 'Dream'},"
    f"{'NA' if i == 4 else 40 + i % 7 + 6 * (i % 2)},"
    f"{'Adelie' if i % 2 else 'Gentoo'}\n"
    for i in range(40)
)


@pytest.fixture
def penguins(tmp_path):
    path = tmp_path / "penguins.csv"
    path.write_text(f",island,bill,species\n{PENGUINS}40,Dream,44,\n")
    return path


def trained(path, out, *options):
    main(["--data", str(path), "--epochs", "20", "--hidden", "4", "--out", str(out), *options])


def test_a_table_is_divided_scored_beside_a_baseline_and_told(penguins, tmp_path, capsys):
    trained(penguins, tmp_path / "out")
    shown = capsys.readouterr().out
    for line in (
        "no --target: the last column, 'species', is predicted",
        "dropped: 1 of 41 rows, which have no 'species'",
        "40 rows of 2 features, 2 classes",
        "%, of 8 rows",
        "always saying 'Gentoo': accuracy 50.0%",
    ):
        assert line in shown
    assert nn.load(tmp_path / "out" / "model.json").preparation.target.values == (
        "Adelie",
        "Gentoo",
    )


def test_the_preparation_knows_the_training_rows_alone(tmp_path):
    rows = "".join(f"{i * i},{i % 2}\n" for i in range(50))
    (tmp_path / "t.csv").write_text(f"a,t\n{rows}")
    trained(tmp_path / "t.csv", tmp_path / "out", "--held-out", "0.5")
    [column] = nn.load(tmp_path / "out" / "model.json").preparation.columns
    (kept, _), _ = nn.data.split(list(range(50)), [i % 2 for i in range(50)], 0.5, stratified=True)
    assert column.mean == pytest.approx(sum(i * i for i in kept) / 25)


@pytest.mark.parametrize("names", ["species,island,extra,bill", "island,extra,bill"])
def test_predict_keeps_the_columns_and_the_order_of_the_rows(names, penguins, tmp_path, capsys):
    trained(penguins, tmp_path / "out")
    given = {"species": "?", "island": '"D, ream"', "extra": "x y", "bill": ""}
    rows = [",".join(given[n] for n in names.split(",")), *([None] * 2)]
    given |= {"island": "Dream", "bill": "46"}
    rows[1] = ",".join(given[n] for n in names.split(","))
    given |= {"bill": "40"}
    rows[2] = ",".join(given[n] for n in names.split(","))
    (tmp_path / "rows.csv").write_text("\n".join([names, *rows]) + "\n")
    capsys.readouterr()
    main(["predict", str(tmp_path / "out" / "model.json"), str(tmp_path / "rows.csv")])
    shown = capsys.readouterr()
    header, *lines = shown.out.splitlines()
    assert header == f"{names},prediction,probability"
    assert [line.startswith(row) for line, row in zip(lines, rows, strict=True)] == [True] * 3
    assert [line.split(",")[-2] for line in lines[1:]] == ["Adelie", "Gentoo"]
    assert 0.5 <= float(lines[1].split(",")[-1]) <= 1
    assert "1 row: 'island' is 'D, ream', which no training row has" in shown.err


def test_a_missing_column_is_one_error(penguins, tmp_path, capsys):
    trained(penguins, tmp_path / "out")
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SystemExit):
        main(["predict", str(tmp_path / "out" / "model.json"), str(tmp_path / "rows.csv")])
    shown = capsys.readouterr()
    assert "rows.csv lacks 'island', 'bill'; it has a, b" in shown.err
    assert "prediction" not in shown.out


def test_a_table_with_a_row_that_cannot_be_answered_is_not_begun(penguins, tmp_path, capsys):
    trained(penguins, tmp_path / "out")
    (tmp_path / "rows.csv").write_text("island,bill\nDream,40\nDream,$41\n")
    capsys.readouterr()
    with pytest.raises(SystemExit, match="2"):
        main(["predict", str(tmp_path / "out" / "model.json"), str(tmp_path / "rows.csv")])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "rows.csv, row 2: 'bill' is '$41', and the model takes a number there" in shown.err


def test_a_quantity_is_predicted_in_its_unit_and_with_the_file_s_decimal_mark(tmp_path, capsys):
    rows = "".join(f"{i}|{50000.5 + 10000 * i}\n" for i in range(21))
    (tmp_path / "houses.csv").write_text(f"rooms|price\n{rows}")
    out = tmp_path / "out"
    main(
        ["--data", str(tmp_path / "houses.csv"), "--hidden", "8", "--lr", "0.05", "--out", str(out)]
    )
    shown = capsys.readouterr().out
    assert "held-out R2 0.9" in shown
    assert "always saying the mean: R2 -" in shown
    (tmp_path / "rows.csv").write_text("rooms;note\n10,0;a\n2,0;b\n")
    main(["predict", str(out / "model.json"), str(tmp_path / "rows.csv")])
    header, first, _ = capsys.readouterr().out.splitlines()
    assert header == "rooms;note;prediction"
    assert first.startswith("10,0;a;")
    assert float(first.split(";")[2].replace(",", ".")) == pytest.approx(150000.5, rel=0.1)


def test_a_table_without_header_is_trained_and_asked_without_one(tmp_path, capsys):
    rows = "".join(f"{i % 5}.5 {i} {'abc'[i % 3]}\n" for i in range(30))
    (tmp_path / "t.data").write_text(rows)
    trained(tmp_path / "t.data", tmp_path / "out")
    assert "the last column, 'column 3', is predicted" in capsys.readouterr().out
    (tmp_path / "rows.data").write_text("1.5 7\n2.5 8\n")
    main(["predict", str(tmp_path / "out" / "model.json"), str(tmp_path / "rows.data")])
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["1.5", "7"],
        ["2.5", "8"],
    ]


def test_a_model_of_no_table_cannot_be_asked_for_rows(tmp_path, capsys):
    main(["--data", "xor", "--epochs", "1", "--hidden", "2", "--out", str(tmp_path)])
    (tmp_path / "rows.csv").write_text("x1,x2\n1,2\n")
    with pytest.raises(SystemExit):
        main(["predict", str(tmp_path / "model.json"), str(tmp_path / "rows.csv")])
    assert "was not trained from a table" in capsys.readouterr().err


def test_describe_counts_one_row_as_one(tmp_path, capsys):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    main(["describe", str(tmp_path / "t.csv")])
    assert "t.csv: 1 row of 2 columns" in capsys.readouterr().out


def test_describe_says_what_is_there_and_what_is_odd(tmp_path, capsys):
    rows = "".join(
        f"{i},{1000 + 7 * i},{i % 5}.5,{'yes' if i % 2 else 'no'},"
        f"{'NA' if i == 3 else i % 2},same,n{i}\n"
        for i in range(30)
    )
    (tmp_path / "t.csv").write_text(f",code,size,answer,t,constant,name\n{rows}")
    main(["describe", str(tmp_path / "t.csv"), "--target", "t"])
    shown = capsys.readouterr().out
    lines = {line.split("  ")[0]: " ".join(line.split()) for line in shown.splitlines()}
    assert "30 rows of 6 columns, divided by ',', with a header, 1 without a target" in shown
    assert "left out: 'index', which counts the rows" in shown
    assert lines["size"].endswith("numbers from 0.5 to 4.5, 5 different 0 standardized")
    assert lines["answer"].endswith("2 texts: no, yes 0 one-hot, 3 inputs")
    assert lines["t"].endswith("1 the target: 2 classes")
    assert lines["constant"].endswith("left out: the same in every row")
    assert lines["name"].endswith("30 texts, all different 0 left out: of 29 different texts")
    assert "note: 'code' is another whole number in nearly every row: an id?" in shown
    assert "note: 'answer' alone fixes 't'" in shown


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (
            "1949-{:02},{}.5\n",
            "no column is left to predict 't' from: 'a' is of 30 different texts",
        ),
        ("{},5\n", "'t' is the same in every row, so there is nothing to learn"),
        ("{},?\n", "'t' is missing in every row, so there is nothing to learn"),
    ],
)
def test_what_train_cannot_learn_from_is_described_all_the_same(rows, why, tmp_path, capsys):
    (tmp_path / "t.csv").write_text("a,t\n" + "".join(rows.format(i, 2 * i) for i in range(30)))
    main(["describe", str(tmp_path / "t.csv")])
    shown = capsys.readouterr().out
    assert "30 rows of 2 columns" in shown
    assert [line.split()[0] for line in shown.splitlines()[1:4]] == ["column", "a", "t"]
    assert f"train cannot learn from it: {why}" in shown
    with pytest.raises(SystemExit):
        trained(tmp_path / "t.csv", tmp_path / "out")
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("drop", "left"),
    [
        (["--drop", "code"], ["size", "answer"]),
        (["--columns", "size", "answer"], ["size", "answer"]),
        (["--columns", "size", "--columns", "answer"], ["size", "answer"]),
        (["--drop", "code", "--drop", "size"], ["answer"]),
    ],
)
def test_columns_are_left_out_or_named(drop, left, tmp_path):
    rows = "".join(f"{i * i},{i % 5}.5,{'yes' if i % 2 else 'no'},{i % 2}\n" for i in range(30))
    (tmp_path / "t.csv").write_text(f"code,size,answer,t\n{rows}")
    trained(tmp_path / "t.csv", tmp_path / "out", "--target", "t", *drop)
    preparation = nn.load(tmp_path / "out" / "model.json").preparation
    assert [column.name for column in preparation.columns] == left


def test_the_task_can_be_said(tmp_path, capsys):
    rows = "".join(f"{i % 9},{i % 5}\n" for i in range(30))
    (tmp_path / "t.csv").write_text(f"a,t\n{rows}")
    trained(tmp_path / "t.csv", tmp_path / "out", "--task", "quantity")
    assert "training R2" in capsys.readouterr().out
    trained(tmp_path / "t.csv", tmp_path / "out", "--task", "classes")
    assert "training accuracy" in capsys.readouterr().out


def test_a_recorded_training_gives_the_same_model(penguins, tmp_path, capsys):
    pytest.importorskip("llvmlite")
    trained(penguins, tmp_path / "eager")
    trained(penguins, tmp_path / "recorded", "--jit")
    eager, recorded = [nn.load(tmp_path / name / "model.json") for name in ("eager", "recorded")]
    assert recorded.state_dict() == pytest.approx(eager.state_dict(), rel=1e-9, abs=1e-12)


def test_all_commands_explain_themselves(capsys):
    for arguments in (["-h"], ["train", "-h"], ["predict", "-h"], ["describe", "-h"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
        assert "usage: " in capsys.readouterr().out


@pytest.mark.parametrize(("seed", "worse"), [("1", True), ("4", False)])
def test_a_net_that_does_worse_than_the_baseline_says_so(seed, worse, tmp_path, capsys):
    """The target is a coin toss: 41.7 and 58.3 % are right, beside 58.3 % for always "a"."""
    rng = random.Random(0)
    rows = "".join(f"{rng.random():.3f},{rng.choice('aab')}\n" for _ in range(60))
    (tmp_path / "t.csv").write_text(f"x,t\n{rows}")
    options = ["--lr", "0.1", "--epochs", "200", "--seed", seed]
    trained(tmp_path / "t.csv", tmp_path / "out", *options)
    shown = capsys.readouterr().out
    scores = [float(x) for x in re.findall(r"accuracy (\d+\.\d)%", shown)]
    assert (scores[1] < scores[2]) is worse
    assert ("the net does worse than that on rows that it has not seen" in shown) is worse


def test_a_net_that_learns_nothing_says_what_the_baseline_says(tmp_path, capsys):
    """No rate at all: every epoch is as good as the start, so the start is kept."""
    (tmp_path / "t.csv").write_text(
        "x,t\n" + "".join(f"{i % 7},{'aab'[i % 3]}\n" for i in range(60))
    )
    trained(tmp_path / "t.csv", tmp_path / "out", "--lr", "0")
    shown = capsys.readouterr().out
    assert (
        "no epoch of 20 was better for 10 of the 48 training rows, which only choose it, than "
        "always saying 'a': the net says that"
    ) in shown
    held_out, baseline = re.findall(r"(?:held-out|'a':) accuracy (\S+%)", shown)
    assert held_out == baseline
    model = nn.load(tmp_path / "out" / "model.json")
    share = [row.split(",")[1] for row in (tmp_path / "t.csv").read_text().split()[1:]].count("a")
    found = nn.answer(model, {"x": "0.3"})
    assert found.prediction == "a"
    assert found.probability == nn.answer(model, {"x": "0.9"}).probability
    assert found.probability == pytest.approx(share / 60, abs=0.02)  # held out in proportion


@pytest.mark.parametrize(
    ("target", "start"),
    [("abc", "[-0.693147, -1.38629, -1.38629]"), ("1.5", "[0]")],
)
def test_a_net_starts_as_the_baseline(target, start, tmp_path):
    """Of "a", "b", "c" in the shares 1/2, 1/4, 1/4 the logits are log 1/2 and log 1/4."""
    words = "aabc" if target == "abc" else ["1.5", "2.5", "4", "7"]
    rows = "".join(f"{i % 9},{words[i % 4]}\n" for i in range(80))
    (tmp_path / "t.csv").write_text(f"x,t\n{rows}")
    trained(tmp_path / "t.csv", tmp_path / "out", "--lr", "0")
    model = nn.load(tmp_path / "out" / "model.json")
    assert str([float(f"{z.data:.6g}") for z in model([3.0])]).replace(".0]", "]") == start


def test_the_epoch_that_is_kept_is_the_best_for_rows_that_only_choose_it(tmp_path, capsys):
    """A target of noise: the loss of the training rows falls, that of the others soon rises."""
    rng = random.Random(1)
    rows = "".join(
        f"{rng.gauss(0, 1):.3f},{x:.3f},{x + rng.gauss(0, 1):.3f}\n"
        for x in [rng.gauss(0, 1) for _ in range(60)]
    )
    (tmp_path / "t.csv").write_text(f"a,b,t\n{rows}")
    options = ["--lr", "0.05", "--epochs", "60", "--hidden", "16", "--patience"]
    trained(tmp_path / "t.csv", tmp_path / "out", *options, "5")
    shown = capsys.readouterr().out
    kept, of = map(
        int, re.search(r"kept: epoch (\d+) of (\d+), the best for 10 of", shown).groups()
    )
    assert 1 <= kept == of - 5 < 55
    trained(tmp_path / "t.csv", tmp_path / "all", *options, "0")
    assert "kept: " not in capsys.readouterr().out
    ways = [(tmp_path / name / "loss.svg").read_text() for name in ("out", "all")]
    assert ["validation" in way for way in ways] == [True, False]


def test_ctrl_c_keeps_the_best_epoch_of_a_table(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("nn.commands._Watch.__call__", interrupted(2))
    rows = "".join(f"{i % 10},{i % 10 // 5}\n" for i in range(60))
    (tmp_path / "t.csv").write_text(f"x,t\n{rows}")
    with pytest.raises(SystemExit):
        trained(tmp_path / "t.csv", tmp_path / "out")
    shown = capsys.readouterr().out
    assert "stopped in epoch 4: what was trained until then is kept" in shown
    assert "kept: epoch 3 of 3, the best for 10 of the 48 training rows" in shown


MARKED = "".join(
    f"{'-' if i % 10 == 3 else i % 7},{'k.A.' if i % 12 == 5 else i // 2 % 4},{i % 2}.5\n"
    for i in range(60)
)


def test_texts_that_stand_for_no_value_are_named_and_can_be_said(tmp_path, capsys):
    (tmp_path / "t.csv").write_text(f"a,b,t\n{MARKED}")
    main(["describe", str(tmp_path / "t.csv")])
    shown = capsys.readouterr().out
    for name, mark, count in (("a", "-", 6), ("b", "k.A.", 5)):
        assert (
            f"note: {name!r} is {mark!r} in {count} of 60 rows and a number in the others: "
            f"if that stands for no value, say --missing {mark}"
        ) in shown
    main(["describe", str(tmp_path / "t.csv"), "--missing", "-", "k.A."])
    shown = capsys.readouterr().out
    assert "note" not in shown
    assert (
        shown.count("standardized; a missing one takes the mean, and a second input is 1 for it")
        == 2
    )
    trained(tmp_path / "t.csv", tmp_path / "out", "--missing", "-", "k.A.")
    assert "note" not in capsys.readouterr().out
    (tmp_path / "rows.csv").write_text("a,b\n-,1\n3,k.A.\n")
    main(["predict", str(tmp_path / "out" / "model.json"), str(tmp_path / "rows.csv")])
    shown = capsys.readouterr()
    assert [line.rpartition(",")[0] for line in shown.out.splitlines()] == ["a,b", "-,1", "3,k.A."]
    assert shown.err == ""


@pytest.mark.parametrize("marks", [["-x", "n a"], ["---"], ["k A"]])
def test_the_advice_on_texts_for_no_value_can_be_pasted(marks, tmp_path, capsys):
    rows = "".join(f"{marks[i % len(marks)] if i % 9 == 3 else i},{i % 7}\n" for i in range(40))
    (tmp_path / "t.csv").write_text(f"a,t\n{rows}")
    main(["describe", str(tmp_path / "t.csv")])
    advice = capsys.readouterr().out.partition("if that stands for no value, say ")[2]
    main(["describe", str(tmp_path / "t.csv"), *shlex.split(advice.splitlines()[0])])
    assert "note" not in capsys.readouterr().out


def test_a_target_may_have_texts_that_stand_for_no_value(tmp_path, capsys):
    rows = "".join(f"{i},{'-' if i % 10 == 3 else i % 7 + 0.5}\n" for i in range(60))
    (tmp_path / "t.csv").write_text(f"a,t\n{rows}")
    trained(tmp_path / "t.csv", tmp_path / "out")
    assert "note: 't' is '-' in 6 of 60 rows and a number in the others" in capsys.readouterr().out
    trained(tmp_path / "t.csv", tmp_path / "out", "--missing=-")
    shown = capsys.readouterr().out
    assert "dropped: 6 of 60 rows, which have no 't'" in shown
    assert "held-out R2" in shown
    with pytest.raises(SystemExit):
        trained(tmp_path / "t.csv", tmp_path / "out", "--task", "quantity")
    assert "'t' is '-', no number, so that it is no quantity" in capsys.readouterr().err


def test_a_neuron_too_wide_to_read_is_not_drawn(tmp_path):
    names = ",".join(f"x{i}" for i in range(21))
    rows = "".join(",".join(str((i * k) % 23) for k in range(1, 23)) + "\n" for i in range(12))
    (tmp_path / "t.csv").write_text(f"{names},t\n{rows}")
    trained(tmp_path / "t.csv", tmp_path / "out", "--task", "quantity")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["loss.svg", "model.json", "net.svg"]


def test_a_blank_folder_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for blank in ("", " "):
        with pytest.raises(SystemExit):
            main(["--epochs", "1", "--out", blank])
        assert "--out: it is blank: give it a folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
