import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebook_code import load_definitions


def test_loads_definitions_and_runs_nothing_else(tmp_path):
    cells = [
        new_markdown_cell("def not_code(): ..."),
        new_code_cell("%matplotlib inline\n!echo no\nimport math\nif True:\n    !echo no"),
        new_code_cell("class Taught:\n    def double(self, x):\n        return 2 * x * math.cos(0)"),
        new_code_cell("1 / 0\nchosen = 3"),
        new_code_cell("%%bash\nexit 1"),
        new_code_cell("class Taught: ...", metadata={"tags": ["exercise"]}),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "taught.ipynb")
    module = load_definitions(tmp_path / "taught.ipynb")
    assert module.Taught().double(4) == 8
    assert not hasattr(module, "chosen") and not hasattr(module, "not_code")
