"""A file is written whole or not at all, and nothing is left behind."""

import errno
import importlib.util
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest
from interruption import Script

import nn
from autograd import Value, draw, saving, step_through
from autograd.errors import ArgumentError, DrawingError
from nn import files, init, module
from nn.preparation import Preparation

posix = pytest.mark.skipif(os.name != "posix", reason="links, modes and locks of POSIX")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@posix
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "folder" / "model.json")
    for seed in (0, 1):  # at first the link leads nowhere
        nn.Neuron(1, seed=seed).save(link)
        assert link.is_symlink()
        assert nn.load(link).state_dict() == nn.Neuron(1, seed=seed).state_dict()
    assert names(tmp_path / "folder") == ["model.json"]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_file_keeps_its_mode(tmp_path, mode):
    path = tmp_path / "model.json"
    nn.Neuron(1).save(path)
    path.chmod(mode)
    nn.Neuron(1).save(path)
    assert path.stat().st_mode & 0o777 == mode


@posix
def test_a_new_file_has_the_mode_that_the_system_gives(tmp_path):
    (tmp_path / "other").touch()
    nn.Neuron(1).save(tmp_path / "model.json")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


WRITER = """
import sys, nn
model = nn.MLP(10, [20, 1])
while True:
    model.save(sys.argv[1])
    print("saved", flush=True)
"""


@posix
def test_killed_writers_leave_a_whole_file_and_the_next_one_sweeps(tmp_path):
    path = tmp_path / "model.json"
    for k in range(6):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE)
        writer.stdout.readline()
        time.sleep(0.003 * k)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert len(nn.load(path).parameters()) == 241
    (tmp_path / ".model.json.0123abcd.tmp").write_text("left by a killed process")
    (tmp_path / ".model.json.notes.tmp").write_text("the user's own")
    nn.Neuron(1).save(path)
    assert names(tmp_path) == [".model.json.notes.tmp", "model.json"]


@posix
def test_the_file_of_a_writer_that_lives_is_not_swept(tmp_path):
    path, temporary = tmp_path / "model.json", tmp_path / ".model.json.0123abcd.tmp"
    with open(temporary, "xb") as file:
        saving.fcntl.flock(file, saving.fcntl.LOCK_EX)
        nn.Neuron(1).save(path)
        assert temporary.exists()
    nn.Neuron(1).save(path)
    assert names(tmp_path) == ["model.json"]


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ESTALE])
def test_a_temporary_file_that_cannot_be_removed_hides_nothing(number, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    path = tmp_path / "m.json"
    monkeypatch.setattr("pathlib.Path.unlink", fail)
    nn.Neuron(1, seed=0).save(path)
    assert nn.load(path).state_dict() == nn.Neuron(1, seed=0).state_dict()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(saving, "_fill", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*m\.json'"):
        nn.Neuron(1, seed=1).save(path)
    assert nn.load(path).state_dict() == nn.Neuron(1, seed=0).state_dict()


@posix
def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match=r"no file|a folder"):
            nn.Neuron(1).save(path)
    assert names(tmp_path) == ["pipe"]


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    nn.Neuron(1, seed=0).save(path)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        nn.Neuron(1, seed=1).save(path)
    assert nn.load(path).state_dict() == nn.Neuron(1, seed=0).state_dict()
    assert names(tmp_path) == ["model.json"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_interrupt_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(saving.os, "fsync", lambda descriptor: None)  # which takes long
    path = tmp_path / "model.json"
    models = [nn.Neuron(1, seed=n) for n in (0, 1)]
    states = [model.state_dict() for model in models]
    models[0].save(path)
    script = Script(lambda: models[1].save(path), within=(files.__file__, saving.__file__))
    assert len(script.places) > 50
    for place in script.places:
        models[0].save(path)
        assert script.interrupt(place)
        assert nn.load(path).state_dict() in states
    models[0].save(path)
    assert names(tmp_path) == ["model.json"]


def test_ctrl_c_while_saving_or_loading_leaves_new_models_their_numbers(tmp_path, monkeypatch):
    """Both build a model without drawing numbers, and that must not stay so."""
    monkeypatch.setattr(saving.os, "fsync", lambda descriptor: None)  # which takes long
    path = tmp_path / "model.json"
    model = nn.Neuron(1, seed=0)
    model.save(path)
    own = (init.__file__, module.__file__)
    for call in (lambda: model.save(path), lambda: nn.load(path)):
        script = Script(call, own)
        assert len(script.places) > 100
        for place in script.places:
            assert script.interrupt(place)
            assert nn.Neuron(1, seed=0).state_dict() == model.state_dict(), place


def test_whatever_is_saved_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """Models, checkpoints, pictures, pages, charts and exports alike."""
    plots = pytest.importorskip("matplotlib.pyplot")
    model, loss = nn.Neuron(1, seed=0), Value(2.0) * 3.0
    ax, layer = plots.figure().subplots(), nn.Layer(1, 1, seed=0)

    def chart(path):
        nn.plots.save(ax, path)

    saves = {
        "a.json": model.save,
        "a.svg": draw(loss).save,
        "a.dot": draw(loss).save,
        "a.html": step_through(loss).save,
        "b.svg": chart,
        "b.png": chart,
        "a.safetensors": lambda path: nn.export.to_safetensors(layer, path),
        "a.py": lambda path: nn.export.to_torch(layer, path, [1.0]),
    }
    if find_spec("safetensors") is None:
        del saves["a.safetensors"]

    def full(file, content):
        file.write(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(saving, "_fill", full)
        for name, save in saves.items():
            (tmp_path / name).write_text("the old file")
            with pytest.raises(OSError, match=rf"No space left on device: .*{name}") as caught:
                save(tmp_path / name)
            assert caught.value.filename == str(tmp_path / name)
            assert (tmp_path / name).read_text() == "the old file"
    for name, save in saves.items():
        save(tmp_path / name)
        assert (tmp_path / name).read_bytes()[:12] != b"the old file"
    assert names(tmp_path) == sorted(saves)
    plots.close(ax.figure)


@posix
def test_a_file_system_without_locks_or_lists_of_its_files(tmp_path, monkeypatch):
    def unknown(*arguments):
        raise OSError(38, "Function not implemented")

    def closed(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(saving.fcntl, "flock", unknown)
    for seed in (0, 1):
        nn.Neuron(1, seed=seed).save(tmp_path / "model.json")
        assert names(tmp_path) == ["model.json"]
        assert nn.load(tmp_path / "model.json").state_dict() == nn.Neuron(1, seed=seed).state_dict()
    with monkeypatch.context() as hidden:
        hidden.setattr(saving.Path, "iterdir", closed)
        nn.Neuron(1, seed=2).save(tmp_path / "model.json")
    assert nn.load(tmp_path / "model.json").state_dict() == nn.Neuron(1, seed=2).state_dict()


@posix
def test_a_name_may_be_as_long_as_the_system_takes(tmp_path):
    for name in ("x" * 255, "\N{SNOWMAN}" * 85, "a" * 60 + "b", "a" * 60 + "c"):
        nn.Neuron(1).save(tmp_path / name)
        nn.Neuron(1).save(tmp_path / name)
    assert len(names(tmp_path)) == 4


@posix
def test_a_hard_link_keeps_the_old_file_and_the_new_one_its_group(tmp_path, monkeypatch):
    path, asked = tmp_path / "model.json", []
    nn.Neuron(1, seed=0).save(path)
    old = path.read_bytes()
    os.link(path, tmp_path / "kept.json")
    about = path.stat()
    monkeypatch.setattr(saving.os, "chown", lambda file, *ids: asked.append(ids))
    nn.Neuron(1, seed=1).save(path)
    assert asked == [(-1, about.st_gid), (about.st_uid, -1)]
    assert (tmp_path / "kept.json").read_bytes() == old != path.read_bytes()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (13, "writing a file whole needs a new file in "),
        (30, "writing a file whole needs a new file in "),
        (28, "said by the system"),
    ],
)
def test_an_error_of_the_system_names_the_file_and_the_reason(number, words, tmp_path, monkeypatch):
    def fails(*arguments):
        raise OSError(number, "said by the system", "a temporary file")

    monkeypatch.setattr(saving, "open", fails, raising=False)
    with pytest.raises(OSError, match="said by the system") as caught:
        nn.Neuron(1).save(tmp_path / "model.json")
    assert str(tmp_path / "model.json") in str(caught.value)
    assert words in str(caught.value)
    assert "None" not in str(caught.value)
    assert "a temporary file" not in str(caught.value)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere: '.*m\.json'"):
        nn.Neuron(1).save(tmp_path / "nowhere" / "m.json")


def test_a_key_that_a_large_file_has_twice_is_found_at_once(tmp_path):
    path, n = tmp_path / "model.json", 200_000  # of which the square is many minutes
    keys = [f'"k{i}": 0' for i in range(n)]
    path.write_text("{" + ", ".join([*keys, keys[-1]]) + "}")
    with pytest.raises(nn.StateError, match=f"the key 'k{n - 1}' stands there twice"):
        nn.load(path)


def test_a_file_that_has_a_key_twice_is_refused(tmp_path):
    model = nn.Neuron(1, seed=0)
    model.save(tmp_path / "m.json")
    text = (tmp_path / "m.json").read_text()
    for key in ("kind", "n_in", "b"):
        assert text.count(f'"{key}": ') == 1
        (tmp_path / "m.json").write_text(text.replace(f'"{key}": ', f'"{key}": 1, "{key}": '))
        with pytest.raises(nn.StateError, match=f"the key '{key}' stands there twice"):
            nn.load(tmp_path / "m.json")


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("new/", ArgumentError, "path is the name of a file, and '.*new/' that of a folder"),
        ("new/m.svg", FileNotFoundError, "there is no folder .*new: '.*m.svg'"),
        ("old.svg", IsADirectoryError, "old.svg"),
        ("old.svg/", IsADirectoryError, "old.svg"),
        ("file/m.svg", NotADirectoryError, "Not a directory: '.*m.svg'"),
        ("x" * 300 + ".svg", OSError, "File name too long: '.*x.svg'"),
        ("a\0b.svg", ArgumentError, "path is the name of a file, such as .*, not '.*b.svg'"),
    ],
)
@pytest.mark.parametrize("kind", ["model", "drawing", "page", "checkpoint"])
@posix
def test_a_place_that_takes_no_file_is_named_and_nothing_is_left(
    kind, name, error, message, tmp_path
):
    def save():
        path = f"{tmp_path}/{name}"
        if kind == "model":
            nn.Neuron(1).save(path)
        elif kind == "drawing":
            draw(Value(1.0) + 2.0).save(path)
        elif kind == "page":
            step_through(Value(1.0) + 2.0).save(path)
        else:
            model = nn.Neuron(1)
            sgd = nn.SGD(model.parameters(), lr=0.1)
            checkpoint = nn.Checkpoint(path, every=1)
            options = {"loss": nn.mse, "optimizer": sgd, "epochs": 1, "progress": False}
            nn.fit(model, [[1.0]], [1.0], callbacks=[checkpoint], **options)

    (tmp_path / "old.svg").mkdir()
    (tmp_path / "file").write_text("")
    if kind == "checkpoint" and name in ("new/m.svg", "file/m.svg"):
        error, message = FileNotFoundError, "there is no folder .* for m.svg"
    with pytest.raises(error, match=message):
        save()
    assert names(tmp_path) == ["file", "old.svg"]
    assert names(tmp_path / "old.svg") == []


@posix
def test_a_working_directory_that_was_removed_is_named(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    uses = (
        nn.Neuron(1).save,
        nn.load,
        nn.read_state,
        nn.Checkpoint,
        draw(Value(1.0) + 2.0).save,
        lambda path: nn.data.read_csv(path, "y"),
    )
    for use in uses:
        with pytest.raises(FileNotFoundError, match=r"directory was removed: .*: 'm.svg'"):
            use("m.svg")
    nn.Neuron(1).save(tmp_path / "m.json")
    assert names(tmp_path) == ["m.json"]


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="a device without an end")
@pytest.mark.parametrize("name", ["/dev/zero", "/dev/full", "/dev/urandom"])
def test_a_device_is_not_read_for_ever(name):
    for read in (nn.load, nn.read_state, lambda path: nn.data.read_csv(path, "y")):
        with pytest.raises(OSError, match=f"this is a device, .*: '{name}'"):
            read(name)


def test_parts_deep_in_each_other_are_shown_and_their_numbers_saved(tmp_path):
    model = nn.Layer(1, 1, seed=0)
    for _ in range(200):
        model = nn.Sequential(model)
    model.save(tmp_path / "m.json")
    assert nn.read_state(tmp_path / "m.json") == model.state_dict()
    try:
        assert nn.load(tmp_path / "m.json").state_dict() == model.state_dict()
    except nn.StateError as error:  # Python 3.14 reads JSON of this depth
        assert "construct Sequential yourself" in str(error)  # noqa: PT017
    assert "2 parameters" in repr(model)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    try:
        with pytest.raises(DrawingError, match="this Sequential has parts too deep in each other"):
            model.draw()
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("depth", [330, 900, 100_000])
def test_a_file_of_deep_lists_is_refused_in_words(depth, tmp_path):
    sizes = "[" * depth + "]" * depth
    head = '{"format": "chainrule", "version": 1, "kind": "model", "class": "MLP"'
    text = f'{head}, "settings": {{"n_in": 1, "sizes": {sizes}}}, "state": {{}}}}'
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(nn.StateError) as caught:
        nn.load(tmp_path / "m.json")
    assert "recursion" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "damage", "message"),
    [
        ((), {}, "is JSON, but not a file that chainrule wrote"),
        (("version",), None, "is damaged: its version is None, and not 1"),
        (("version",), 2, "has format version 2; this chainrule reads 1: install a newer one"),
        (("kind",), 3, "holds a 3, where a 'model' is needed"),
        (("class",), [], r"does not describe .*: the class of the model is \[\], and no name"),
        (("class",), "Mine", "does not describe .*: construct Mine yourself"),
        (("settings",), 3, "does not describe .*: 3 stands at settings of the model, where an obj"),
        (("settings", "layers"), 3, "does not describe .*: layers is 3, and no list of parts"),
        (("settings", "layers", 0), {}, "does not describe .*: layers.0 lacks 'class', 'settings'"),
        (
            ("settings", "layers", 0, "settings", "n_in"),
            "x",
            "does not describe .*: layers.0, of class Layer: n_in must be one of 1, 2, .*, not 'x'",
        ),
        (
            ("settings", "layers", 0, "settings", "n_in"),
            10**9,
            "does not describe .*: layers.0.n_in is 1000000000, more than its parameters could",
        ),
        (("state",), [], ": it holds no state: an object with the paths"),
        (
            ("state", "layers.0.neurons.0.b"),
            None,
            ": None stands at state, 'layers.0.neurons.0.b', where a float belongs",
        ),
        (("state", "extra"), 1.0, ": the state does not fit <Sequential.*: the model has no extra"),
        (("preparation",), 3, ": preparation must have columns, decimal, target, but is 3"),
    ],
)
def test_a_damaged_model_is_told_by_file_place_and_fault(path, damage, message, tmp_path):
    file = tmp_path / "m.json"
    nn.Sequential(nn.Layer(1, 1, seed=0)).save(file)
    content = part = json.loads(file.read_text())
    for key in path[:-1]:
        part = part[key]
    if path:
        part[path[-1]] = damage
    file.write_text(json.dumps(content if path else damage))
    with pytest.raises(nn.StateError, match=rf"^{re.escape(str(file))} ?{message}"):
        nn.load(file)


def test_a_preparation_that_does_not_fit_its_model_is_refused(tmp_path):
    rows = [{"a": str(i), "b": str(i * i), "y": "pq"[i % 2]} for i in range(8)]
    preparation = Preparation.fit(rows, "y")
    model = nn.MLP(preparation.n_in, [1], seed=0)
    model.preparation = preparation
    model.save(tmp_path / "m.json")
    assert nn.load(tmp_path / "m.json").preparation == preparation
    content = json.loads((tmp_path / "m.json").read_text())
    content["preparation"]["columns"].pop()
    (tmp_path / "m.json").write_text(json.dumps(content))
    with pytest.raises(nn.StateError, match=r"m\.json: its preparation gives 1 inputs, .* takes 2"):
        nn.load(tmp_path / "m.json")


@pytest.mark.parametrize(
    "path",
    ["", "a\0b", *[pytest.param(x, marks=posix) for x in ("\ud800", "a/\udfff.json")]],
    ids=ascii,
)
def test_a_text_that_is_no_path_is_named_as_such(path):
    layer = nn.Layer(1, 1)
    uses = [
        nn.load,
        layer.save,
        nn.read_state,
        nn.Checkpoint,
        draw(Value(1.0) + 2.0).save,
        step_through(Value(1.0) + 2.0).save,
        nn.data.read_records,
        lambda path: nn.data.read_csv(path, "y"),
        lambda path: nn.export.to_torch(layer, path, [1.0]),
    ]
    if importlib.util.find_spec("safetensors"):
        uses += [
            lambda path: nn.export.to_safetensors(layer, path),
            lambda path: nn.export.from_safetensors(layer, path),
        ]
    for use in uses:
        with pytest.raises(ArgumentError, match=r"^path is the name of a file"):
            use(path)


@posix
def test_a_name_of_bytes_that_are_no_text_is_a_path(tmp_path):
    path = tmp_path / os.fsdecode(b"m\xff.json")
    nn.Neuron(1, seed=0).save(path)
    assert nn.load(path).state_dict() == nn.Neuron(1, seed=0).state_dict()


@posix
def test_a_link_to_nothing_is_named_with_where_it_leads(tmp_path):
    (tmp_path / "m.json").symlink_to("gone.json")
    with pytest.raises(FileNotFoundError, match=r"no file gone\.json, to which the link .*m\.json"):
        nn.load(tmp_path / "m.json")


def test_a_checkpoint_stays_where_it_was_asked_for(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    model = nn.Neuron(1, seed=0)
    nn.fit(
        model,
        [[1.0]],
        [2.0],
        loss=nn.mse,
        optimizer=nn.SGD(model.parameters(), lr=0.1),
        epochs=2,
        callbacks=[
            nn.Checkpoint("run.json", every=1),
            lambda run: monkeypatch.chdir(tmp_path / "other"),
        ],
        progress=False,
    )
    assert names(tmp_path) == ["other", "run.json"]
    assert names(tmp_path / "other") == []
