"""`python -m nn`: what it prints and writes."""

import json
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
    assert "the saved model takes rows standardized as these were" in shown
    assert ("predicts a target standardized" in shown) == (expected == "no classes")
    assert json.loads((tmp_path / "out" / "model.json").read_text())["settings"]["sizes"] == [
        3,
        n_out,
    ]
    assert (tmp_path / "out" / "boundary.svg").exists() == (expected != "no classes")
    assert "a, standardized" in (tmp_path / "out" / "net.svg").read_text()


def test_a_quantity_is_learnt_whatever_its_unit(tmp_path, capsys):
    """Houses at 50,000 to 250,000: without scaling, a hundred steps of 0.05 would not leave the neighbourhood of 0, with an R2 below 0."""
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
    main(
        ["--data", "xor", "--epochs", "3", "--hidden", "2", "--lr", "1e200", "--out", str(tmp_path)]
    )
    assert "the training diverged, its loss is " in capsys.readouterr().out


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
        (["--data", "table.csv"], "--target COLUMN"),
        (["--data", "table.csv", "--target", "same"], "'same' is the same in every row"),
        (["--target", "y"], "--data moons is none"),
        (["--hidden", "4", "many"], "--hidden: invalid int value: 'many'"),
        (["--out", "table.csv"], "table.csv"),
        (["--hidden", "0"], "hidden must be one of 1, 2, ..., not 0"),
        (["--lr", "-1"], "lr must be in [0, inf), not -1.0"),
        (["--epochs", "0"], "epochs must be one of 1, 2, ..., not 0"),
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
    assert "Traceback" not in shown
    assert "epoch/s" not in shown  # no training before the mistake is told
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
