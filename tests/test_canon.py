"""Notebooks have one form, and what may not be in them is named."""

import json

import canon
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


def text_of(*cells):
    return nbformat.writes(new_notebook(cells=list(cells)))


def test_keeps_what_a_reader_sees_and_drops_the_rest():
    view = {canon.WIDGET_VIEW: {"model_id": "1234"}}
    outputs = [
        new_output("stream", name="stdout", text="one "),
        new_output("stream", name="stdout", text="two"),
        new_output("display_data", {"text/plain": "sliders", **view}),
        new_output("display_data", dict(view)),
    ]
    timings = {"execution": {"iopub.execute_input": "2026-01-01"}, "tags": ["exercise"]}
    cell = new_code_cell("1", execution_count=17, outputs=outputs, metadata=timings)
    notebook = json.loads(canon.canonical(text_of(new_markdown_cell("# Title"), cell)))
    code = notebook["cells"][1]
    assert code["metadata"] == {"tags": ["exercise"]}
    assert code["execution_count"] == 1
    assert code["id"] == cell.id
    assert [output.get("text") or output["data"] for output in code["outputs"]] == [
        ["one two"],
        {"text/plain": ["sliders"]},
    ]
    assert notebook["metadata"] == canon.METADATA


def test_the_answer_to_a_prediction_is_folded():
    cells = [new_code_cell("1", metadata={"tags": tags}) for tags in (["predict"], ["exercise"])]
    predicted, other = json.loads(canon.canonical(text_of(*cells)))["cells"]
    assert predicted["metadata"] == {"jupyter": {"outputs_hidden": True}, "tags": ["predict"]}
    assert other["metadata"] == {"tags": ["exercise"]}


def test_is_the_same_the_second_time_and_gives_the_same_ids():
    notebook = json.loads(text_of(new_code_cell("1", execution_count=1), new_markdown_cell("text")))
    for cell in notebook["cells"]:
        del cell["id"]
    text = json.dumps(notebook | {"nbformat_minor": 4})
    once = canon.canonical(text)
    assert canon.canonical(text) == once == canon.canonical(once)
    assert [cell["id"] for cell in json.loads(once)["cells"]] == ["cell-00", "cell-01"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (new_code_cell("1"), "was not run"),
        (new_code_cell("1", execution_count=1, metadata={"tags": ["nbval-skip"]}), "skipped"),
        (new_code_cell("ax.plot();\n", execution_count=1), "semicolon"),
        (new_code_cell("1", execution_count=1, outputs=[new_output("error", ename="KeyError")]), "KeyError"),
        (new_code_cell("1", execution_count=1, outputs=[new_output("stream", name="stderr", text="oh")]), "stderr: oh"),
        (new_markdown_cell("a" * canon.LARGEST), "MB"),
    ],
)
def test_names_what_may_not_be(cell, said):
    remarks = list(canon.problems(text_of(cell)))
    assert len(remarks) == 1 and said in remarks[0]


def test_lets_pass_what_may_be():
    error = new_output("error", ename="KeyError")
    cells = [
        new_code_cell("d[1]", execution_count=1, outputs=[error], metadata={"tags": ["raises-exception"]}),
        new_code_cell(""),
        new_markdown_cell("text;"),
    ]
    assert list(canon.problems(text_of(*cells))) == []


def test_check_fails_and_writes_nothing_until_the_form_is_there(tmp_path, capsys):
    path = tmp_path / "notebook.ipynb"
    path.write_text(text_of(new_code_cell("1", execution_count=5)), encoding="utf-8")
    before = path.read_bytes()
    assert canon.main(["--check", str(path)]) == 1
    assert "canonical form" in capsys.readouterr().err and path.read_bytes() == before
    assert canon.main([str(path)]) == 0 and path.read_bytes() != before
    assert canon.main(["--check", str(path)]) == 0
