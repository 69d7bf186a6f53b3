"""`python -m nn --model gpt`: what it prints and writes, and what it refuses."""

import json
import re
import shlex
from pathlib import Path

import pytest

import nn
from nn import writing
from nn.__main__ import main
from nn.optim import Adam

SOMETHING = Path(nn.__file__)  # a file where a folder is needed


@pytest.fixture(scope="module")
def poems(tmp_path_factory):
    """Forty short lines, with a dot in one of them."""
    lines = ["the cat sat", "a dog ran off", "the sun. the sea", "   ", "an owl"] * 10
    path = tmp_path_factory.mktemp("poems") / "poems.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(poems):
    """What a training on the poems wrote."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "SAMPLES", 2)
        run(poems.parent / "out", "--data", poems, "--width", 4)
    return poems.parent / "out"


@pytest.fixture(autouse=True)
def few_samples(monkeypatch):
    """Ten samples of each model take half of the time. One test has them all."""
    monkeypatch.setattr(writing, "SAMPLES", 2)


def run(out, *arguments):
    main(["train", "--model", "gpt", "--steps", "10", "--out", str(out), *map(str, arguments)])


def test_it_trains_on_names_and_says_how_good_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(writing, "SAMPLES", 10)
    main(["--data", "names", "--steps", "20", "--width", "4", "--out", str(tmp_path)])
    said = capsys.readouterr().out
    assert "1729 texts to learn from, 192 held out, 27 letters; a GPT of 472 parameters" in said
    assert "bits per letter of the held-out texts: 4." in said
    assert "counting single letters 4.097, pairs 3.413, triples 3.159" in said
    assert "not better than counting" in said
    assert "it writes before training: " in said
    assert "it writes now: " in said
    assert said.partition("it writes now: ")[2].partition("\n")[0].count(", ") == 9
    assert "replaces" not in said
    assert "held out, this GPT after training" in (tmp_path / "loss.svg").read_text("utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "attention.svg",
        "loss.svg",
        "model.json",
    ]


def test_what_it_writes_that_it_has_read_is_named(trained, monkeypatch):
    model = nn.load(trained / "model.json")
    written = iter(["an owl", "a nowl", "", "an owl", "the sun. the sea", "the sun"])
    monkeypatch.setattr(writing, "SAMPLES", 6)
    monkeypatch.setattr(writing, "generate", lambda *_, **__: list(next(written)))
    lines = ["an owl", "the sun. the sea"]
    texts = writing.Texts([f"\n{line}\n" for line in lines], [], "\n", None)
    assert writing._samples(model, texts) == (
        "an owl, a nowl, (nothing), an owl, the sun. the sea, the sun; "
        "among the texts to learn from: an owl, the sun. the sea"
    )


@pytest.mark.parametrize(
    ("bits", "learnt", "said"),
    [
        (3.0, 2.9, "better than counting letters, pairs"),
        (3.7, 3.6, "better than counting letters; not than counting pairs: try more --steps"),
        (4.5, 4.4, "not better than counting letters, pairs: try more --steps"),
        (12.4, 0.7, "(0.700 bits); try fewer --steps, or more texts"),
    ],
)
def test_a_gpt_that_knows_its_texts_by_heart_is_told_to_train_less(bits, learnt, said):
    found = writing._verdict(bits, learnt, {"letters": 4.0, "pairs": 3.5})
    assert found.endswith(said)
    assert ("by heart" in found) == (bits == 12.4)


def contents(folder):
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def test_another_seed_gives_another_model(trained, poems, tmp_path):
    run(tmp_path, "--data", poems, "--width", 4, "--seed", 1)
    assert contents(tmp_path)[2] != contents(trained)[2]


def test_a_saved_model_writes_and_shows_what_it_attends_to(trained, tmp_path, capsys):
    model = tmp_path / "model.json"
    model.write_bytes((trained / "model.json").read_bytes())
    assert nn.load(model).tokens[0] == "\n", "a line that has a dot ends with its line"
    arguments = ["write", str(model), "--prompt", "the", "--number", "3", "--attention", "the cat"]
    main(arguments)
    first, *texts = capsys.readouterr().out.splitlines()
    assert len(texts) == 3
    assert all(text.startswith("the") for text in texts)
    assert first == f"wrote {tmp_path / 'attention.svg'}"
    assert (tmp_path / "attention.svg").read_text(encoding="utf-8").count("<image") >= 4
    main([*arguments, "--temperature", "0"])
    likeliest = capsys.readouterr().out.splitlines()[1:]
    assert len(likeliest) == 3
    assert len(set(likeliest)) == 1


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        ([], 0),
        (["--number", "1"], 1),
        (["--prompt", "the"], 2),
        (["--seed", "1"], 2),
        (["--top-k", "2"], 2),
        (["--temperature", "0.5"], 2),
    ],
)
def test_who_asks_for_a_picture_alone_gets_no_texts(
    options, texts, trained, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(writing, "NUMBER", 2)
    model = tmp_path / "model.json"
    model.write_bytes((trained / "model.json").read_bytes())
    main(["write", str(model), "--attention", "owl", *options])
    first, *others = capsys.readouterr().out.splitlines()
    assert first == f"wrote {tmp_path / 'attention.svg'}"
    assert len(others) == texts


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--attention", ""], "--attention is blank: give it a text"),
        (["--attention", "owl", "--number", "-1"], "number must be one of 0, 1, ... or None"),
        (["--attention", "owl", "--top-k", "0"], "top_k must be one of 1, 2, ... or None, not 0"),
        (["--attention", "owl", "--prompt", "a", "--temperature", "-1"], "temperature must be in"),
    ],
)
def test_what_write_refuses_leaves_no_picture(options, message, trained, tmp_path, capsys):
    model = tmp_path / "model.json"
    model.write_bytes((trained / "model.json").read_bytes())
    with pytest.raises(SystemExit, match="2"):
        main(["write", str(model), *options])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]


def test_letters_that_a_chart_lacks_are_told_in_one_line(tmp_path, capsys):
    """A tab has a name; a letter of a script that the font lacks is a box."""
    nn.GPT(5, 2, 1, block_size=4, tokens=list(".\t\x1b\u59d3\u540d"), seed=0).save(
        tmp_path / "m.json"
    )
    main(["write", str(tmp_path / "m.json"), "--attention", "\t\x1b"])
    assert "note" not in capsys.readouterr().out
    assert r"\x1b" in (tmp_path / "attention.svg").read_text(encoding="utf-8")
    main(["write", str(tmp_path / "m.json"), "--attention", "\u59d3\u540d"])
    note, _ = capsys.readouterr().out.splitlines()
    assert note == "note: attention.svg has boxes for letters that its font lacks, 2 of them"


def test_the_beginning_of_an_option_is_none(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["--model", "gpt", "--step", "5", "--out", str(tmp_path / "out")])
    assert "unrecognized arguments: --step 5" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    with pytest.raises(SystemExit):
        main(["wirte"])
    assert capsys.readouterr().err.endswith("say write\n")


def test_a_text_that_it_cannot_read_is_refused_before_it_writes(tmp_path, capsys):
    tokens = list(".abc")
    model = nn.GPT(4, 2, 1, block_size=3, tokens=tokens, seed=0)
    model.save(tmp_path / "m.json")
    for text, message in [
        ("aXbYX", "'aXbYX' has 'X', 'Y', and the texts that the model learnt from had only '.abc'"),
        ("Abc", "had only '.abc': write 'abc'"),
        ("abc", "'abc' has 3 letters, and the model reads at most 2"),
    ]:
        with pytest.raises(SystemExit) as caught:
            main(["write", str(tmp_path / "m.json"), "--attention", text])
        assert caught.value.code == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert message in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["m.json"]


def test_it_replaces_what_was_there_by_the_same_bytes_and_says_so(
    trained, poems, tmp_path, capsys, monkeypatch
):
    """And it says how to have native code."""
    monkeypatch.setattr("nn.writing.find_spec", lambda name: None)
    (tmp_path / "net.svg").write_text("of an earlier training", encoding="utf-8")
    run(tmp_path, "--data", poems, "--width", 4)
    said = capsys.readouterr().out
    assert "pip install 'chainrule[jit]'" in said
    before = said.partition("it writes before training")[0]
    assert f"{tmp_path} has net.svg already: this training replaces or removes" in before
    assert not (tmp_path / "net.svg").exists()
    assert contents(tmp_path) == contents(trained), "the same arguments give the same bytes"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "nowhere.txt"], "no such file; with --model gpt it is names"),
        (["--target", "x"], "--target is about a table, and not about texts"),
        (["--held-out", "0.5"], "--held-out is about a table"),
        (["--width", "6"], "n_embd = 6 numbers cannot be shared evenly among n_head = 4"),
        (["--epochs", "5"], "--epochs is about --model mlp, not gpt, which has --steps, --width"),
        (["--model", "mlp", "--steps", "5"], "is about --model gpt, not mlp, which has --hidden"),
        (["--steps", "0"], "steps must be one of 1, 2, ..., not 0"),
        (["--lr", "-1"], "lr must be in [0, inf), not -1.0"),
        (["--out", str(SOMETHING)], "is no folder, and files go to one"),
    ],
)
def test_what_is_refused_in_one_line(arguments, message, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--model", "gpt", "--out", str(tmp_path / "out"), *arguments])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_texts_are_read_as_tables_are(tmp_path, capsys):
    """A mark of UTF-8 is no letter, and another encoding is named."""
    path = tmp_path / "texts.txt"
    path.write_text("abc\nbca\ncab\naab\nbbc\ncba\n", encoding="utf-8-sig")
    run(tmp_path / "out", "--data", path, "--width", 4)
    assert "0 letters" not in capsys.readouterr().out
    assert nn.load(tmp_path / "out" / "model.json").tokens == list(".abc")
    path.write_text("\u00e4bc\n" * 5, encoding="latin-1")
    with pytest.raises(SystemExit):
        run(tmp_path / "out", "--data", path)
    assert re.search(
        r"texts\.txt cannot be read as texts in UTF-8: .*; save it .* as plain text in UTF-8",
        capsys.readouterr().err,
    )


def test_the_commands_that_it_names_run_as_they_stand(tmp_path, capsys, monkeypatch):
    """Also where a text begins as an option does, and a rate of 0 is taken as it is."""
    path = tmp_path / "texts.txt"
    path.write_text("-a\n" * 20, encoding="utf-8")
    trained_at = []
    monkeypatch.setattr(writing, "Adam", lambda *a, lr, **k: trained_at.append(lr) or Adam(*a, **k))
    run(tmp_path / "out", "--data", path, "--width", 4, "--lr", "0")
    assert trained_at == [0]
    said = capsys.readouterr().out.splitlines()[-2:]
    for line in said:
        main(shlex.split(line.partition("python -m nn ")[2]))
    assert "--attention" in said[1]


def test_too_few_lines_and_a_model_that_cannot_write(tmp_path, capsys):
    short = tmp_path / "short.txt"
    short.write_text("one\ntwo\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        run(tmp_path, "--data", short)
    assert "short.txt has 2 lines of text, and 6 are needed" in capsys.readouterr().err
    nn.MLP(2, [1], seed=0).save(tmp_path / "m.json")
    with pytest.raises(SystemExit):
        main(["write", str(tmp_path / "m.json")])
    assert "no GPT that knows its letters" in capsys.readouterr().err


def test_a_diverged_training_writes_nothing_and_says_so(poems, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        run(tmp_path / "out", "--data", poems, "--width", 4, "--lr", "1e300")
    assert caught.value.code == 1
    assert "diverged at step 10, and nothing was written" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_a_gpt_far_worse_than_a_guess_has_diverged(poems, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        run(tmp_path / "out", "--data", poems, "--width", 4, "--lr", 1)
    assert caught.value.code == 1
    shown = capsys.readouterr().out
    assert "the training diverged: after 10 steps a letter of the held-out texts takes" in shown
    assert "nothing was written: try a lower --lr than 1.0" in shown
    assert "try more --steps" not in shown
    assert not (tmp_path / "out").exists()


def test_a_gpt_whose_last_step_broke_it_has_diverged(poems, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(writing, "_bits", lambda *_: float("nan"))
    monkeypatch.setattr(writing, "_trained", lambda *_: ([3.0], False))
    with pytest.raises(SystemExit):
        run(tmp_path / "out", "--data", poems, "--width", 4)
    assert "takes nan bits" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_a_gpt_that_only_knows_its_texts_by_heart_has_not_diverged(poems, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "_bits", lambda *_: 30.0)
    monkeypatch.setattr(writing, "_trained", lambda *_: ([0.2], False))
    monkeypatch.setattr(writing, "_pictures", lambda *_: {})
    run(tmp_path / "out", "--data", poems, "--width", 4)
    assert (tmp_path / "out" / "model.json").exists()


def test_the_tokens_of_a_model_are_as_many_as_its_numbers(tmp_path):
    with pytest.raises(ValueError, match="vocab = 3 numbers cannot stand for 2 tokens"):
        nn.GPT(3, tokens=["a", "b"])
    nn.GPT(2, 2, 1, block_size=2, tokens=["a", "b"], seed=0).save(tmp_path / "m.json")
    settings = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))["settings"]
    assert settings["tokens"] == ["a", "b"]
    assert nn.load(tmp_path / "m.json").tokens == ["a", "b"]


def test_a_token_has_one_number():
    with pytest.raises(ValueError, match="2 of the tokens are 'a', and each has one number"):
        nn.GPT(4, 2, 1, block_size=2, tokens="aba.", seed=0)


def test_a_model_may_have_its_letters_in_any_order(tmp_path, capsys):
    letters = "nab."
    model = nn.GPT(4, 8, 2, 1, 8, tokens=letters, seed=1)
    text = [letters.index(letter) for letter in ".banana."]
    step = nn.train_step(model, nn.cross_entropy, nn.Adam(model.parameters(), lr=0.02))
    step.run([([text[:-1]], [text[1:]])] * 100)
    model.save(tmp_path / "model.json")
    main(["write", str(tmp_path / "model.json"), "--prompt", "ba", "--temperature", "0"])
    assert capsys.readouterr().out.splitlines() == ["banana"] * 10


def test_a_model_without_a_letter_for_the_beginning_of_a_text_is_told(tmp_path, capsys):
    nn.GPT(2, 2, 1, block_size=4, tokens="ab", seed=0).save(tmp_path / "m.json")
    with pytest.raises(SystemExit):
        main(["write", str(tmp_path / "m.json")])
    assert "has no '.' among its letters, with which a text begins" in capsys.readouterr().err
