"""What a batch runs: the grid of parameters, found wrong before anything runs, and what counts as the same run."""

import nbformat
import pytest
from batch_kit import write_notebook
from click.testing import CliRunner
from papermill.cli import papermill

from helpers.batch.__main__ import main
from helpers.batch.grid import CannotStart, parse_settings, plan
from helpers.batch.versions import library_versions

VERSIONS = {"torch": "2.15.0"}


@pytest.fixture
def notebook(tmp_path):
    return write_notebook(tmp_path / "tiny.ipynb", "seed, lr")


@pytest.mark.parametrize(
    "value", ["false", "0.5", "1_000", "no", "null", "drawn", "'1'", "[1, 2]", "2020-01-01", "1.e-4"]
)
def test_a_value_is_what_papermill_makes_of_it(notebook, tmp_path, value):
    out = tmp_path / "out.ipynb"
    done = CliRunner().invoke(papermill, [str(notebook), str(out), "--prepare-only", "-y", f"seed: {value}"])
    assert done.exit_code == 0, done.output
    expected = nbformat.read(out, as_version=4).metadata.papermill.parameters.seed
    assert parse_settings([f"seed={value}"]) == {"seed": [expected]}
    assert type(parse_settings([f"seed={value}"])["seed"][0]) is type(expected)


def test_an_exponent_makes_a_number():
    assert parse_settings(["lr=1e-4,2E3,-1.5e2"]) == {"lr": [0.0001, 2000.0, -150.0]}
    assert parse_settings(["lr='1e-4',e4"]) == {"lr": ["1e-4", "e4"]}


def test_commas_part_values_but_not_what_is_quoted_or_in_brackets():
    assert parse_settings(["seed=0,1,2", "name='a,b',c", "sizes=[1,2],[3]"]) == {
        "seed": [0, 1, 2],
        "name": ["a,b", "c"],
        "sizes": [[1, 2], [3]],
    }


@pytest.mark.parametrize("text", ["seed", "seed=", "=1", "a-b=1", "seed=[1", "seed=1]", "seed=\a"])
def test_a_setting_that_cannot_be_read_is_named(text):
    with pytest.raises(CannotStart, match="--set"):
        parse_settings([text])


def test_a_name_is_given_once():
    with pytest.raises(CannotStart, match="seed is given twice"):
        parse_settings(["seed=1", "seed=2"])


def test_the_grid_is_every_combination_of_what_each_notebook_has(tmp_path):
    one = write_notebook(tmp_path / "one.ipynb", parameters="seed: int = 0")
    two = write_notebook(tmp_path / "two.ipynb", parameters="seed: int = 0\nlr: float = 0.1")
    runs = plan([one, two], {"seed": [0, 1], "lr": [0.1, 0.2]}, VERSIONS)
    assert [(run.notebook, run.parameters) for run in runs] == [
        ("one", {"seed": 0}),
        ("one", {"seed": 1}),
        ("two", {"seed": 0, "lr": 0.1}),
        ("two", {"seed": 0, "lr": 0.2}),
        ("two", {"seed": 1, "lr": 0.1}),
        ("two", {"seed": 1, "lr": 0.2}),
    ]
    assert len({run.name for run in runs}) == len({run.fingerprint for run in runs}) == 6


def test_without_settings_each_notebook_runs_once_under_its_own_name(notebook):
    assert [run.name for run in plan([notebook], {}, VERSIONS)] == ["tiny"]


def test_different_values_have_different_files_on_every_file_system(notebook):
    values = [1, "1", 1.0, True, "true", "a", "A", "a/b", "a:b", "x" * 300, "x" * 301]
    names = [run.name for run in plan([notebook], {"seed": values}, VERSIONS)]
    assert len({name.lower() for name in names}) == len(values)
    assert all(len(name) < 200 and not set(name) & set('/\\:*?"<>| ') for name in names)


def test_a_value_given_twice_is_one_run(notebook):
    assert len(plan([notebook], {"seed": [1, 1]}, VERSIONS)) == 1


def test_an_unknown_name_is_found_before_anything_runs_with_what_there_is(notebook, tmp_path, capsys):
    out = tmp_path / "out"
    assert main([str(notebook), "--set", "sead=1", "--set", "lr=1", "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert "sead" in said and "seed, lr, fast" in said and str(notebook) in said
    assert not out.exists()


@pytest.mark.parametrize("text, says", [(None, "cannot be read"), ("x", "not a notebook"), ("[]", "not a notebook")])
def test_what_is_not_a_notebook_is_named(tmp_path, text, says):
    path = tmp_path / "bad.ipynb"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CannotStart, match=says):
        plan([path], {}, VERSIONS)


def test_a_notebook_without_a_kernel_is_named(notebook):
    bare = nbformat.read(notebook, as_version=4)
    del bare.metadata["kernelspec"]
    nbformat.write(bare, notebook)
    with pytest.raises(CannotStart, match="tiny.ipynb: No kernel"):
        plan([notebook], {}, VERSIONS)


def test_two_notebooks_of_one_name_would_overwrite_each_other(notebook, tmp_path):
    (tmp_path / "other").mkdir()
    with pytest.raises(CannotStart, match="tiny.ipynb: run them into different folders"):
        plan([notebook, write_notebook(tmp_path / "other" / "tiny.ipynb")], {}, VERSIONS)


def test_a_folder_that_cannot_be_made_is_named(notebook, tmp_path, capsys):
    assert main([str(notebook), "--out", str(notebook / "out")]) == 2
    assert "--out" in capsys.readouterr().err


def fingerprint(notebook, values=None, versions=VERSIONS):
    (run,) = plan([notebook], values or {}, versions)
    return run.fingerprint


def test_text_parameters_and_versions_make_a_run_another_and_outputs_do_not(notebook):
    first = fingerprint(notebook)
    assert fingerprint(notebook, {"seed": [1]}) != first
    assert fingerprint(notebook, versions={"torch": "2.16.0"}) != first

    executed = nbformat.read(notebook, as_version=4)
    executed.cells[1].update(execution_count=7, outputs=[nbformat.v4.new_output("stream", text="1")])
    executed.cells[1].metadata["papermill"] = {"duration": 1}
    nbformat.write(executed, notebook)
    assert fingerprint(notebook) == first

    executed.cells[1].source += "\n"
    nbformat.write(executed, notebook)
    assert fingerprint(notebook) != first


def test_the_course_itself_is_one_of_the_libraries(monkeypatch, tmp_path):
    helper = tmp_path / "helpers" / "x.py"
    helper.parent.mkdir()
    helper.write_bytes(b"a = 1\n")
    monkeypatch.setattr("helpers.batch.versions.REPOSITORY", tmp_path)
    first = library_versions()
    helper.write_bytes(b"a = 1\r\n")
    assert library_versions() == first
    helper.write_bytes(b"a = 2\n")
    assert {name for name, version in library_versions().items() if version != first[name]} == {"helpers"}
    assert first["torch"] != "none"


def test_a_run_reads_its_notebook_once(notebook):
    (run,) = plan([notebook], {}, VERSIONS)
    notebook.unlink()
    assert nbformat.reads(run.source, as_version=4).cells[1].source == "seed, lr"
