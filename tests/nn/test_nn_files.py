"""A file is written whole or not at all, and nothing is left behind."""

import itertools
import os
import signal
import subprocess
import sys
import time

import pytest
from interrupts import interrupt

import nn
from nn import files, init, module

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
    path = tmp_path / "model.json"
    temporary, file = files._own_file(path)
    with file:
        nn.Neuron(1).save(path)
        assert temporary.exists()
    nn.Neuron(1).save(path)
    assert names(tmp_path) == ["model.json"]


@posix
def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match=r"no file|[Dd]irectory"):
            nn.Neuron(1).save(path)
    assert names(tmp_path) == ["pipe"]


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    nn.Neuron(1, seed=0).save(path)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        nn.Neuron(1, seed=1).save(path)
    assert nn.load(path).state_dict() == nn.Neuron(1, seed=0).state_dict()
    assert names(tmp_path) == ["model.json"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_interrupt_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "fsync", lambda descriptor: None)  # which takes long
    path = tmp_path / "model.json"
    models = [nn.Neuron(1, seed=n) for n in (0, 1)]
    states = [model.state_dict() for model in models]
    at, interrupted = 0, True
    while interrupted:
        models[0].save(path)
        interrupted = interrupt(lambda: models[1].save(path), at, within=(files.__file__,))
        assert nn.load(path).state_dict() in states
        at += 1
    assert at > 50
    models[0].save(path)
    assert names(tmp_path) == ["model.json"]


def test_ctrl_c_while_saving_or_loading_leaves_new_models_their_numbers(tmp_path):
    """Both build a model without drawing numbers, and that must not stay so."""
    path = tmp_path / "model.json"
    model = nn.Neuron(1, seed=0)
    model.save(path)
    own = (init.__file__, module.__file__)
    for call in (lambda: model.save(path), lambda: nn.load(path)):
        for at in itertools.count():
            if not interrupt(call, at, own):
                break
            assert nn.Neuron(1, seed=0).state_dict() == model.state_dict(), at
        assert at > 100
