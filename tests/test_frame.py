"""The files around the course agree with one another, and the installation keeps its word."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from notebook_code import NOTEBOOKS
from packaging.requirements import Requirement

from helpers.paths import REPOSITORY

PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8")


def requirements() -> list[Requirement]:
    project = PYPROJECT["project"]
    lists = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PYPROJECT["dependency-groups"].values(),
    ]
    return [Requirement(line) for names in lists for line in names]


def locked() -> dict[str, list[str]]:
    """Return the versions of each package in the lock: more than one where systems differ."""
    versions = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ ;\\]+)", LOCK, flags=re.MULTILINE):
        versions.setdefault(name.lower(), []).append(version)
    return versions


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_lock_covers_pyproject(requirement):
    versions = locked().get(requirement.name.lower().replace("_", "-"), [])
    assert versions, f"{requirement} is not in requirements.txt: run make lock"
    assert all(requirement.specifier.contains(version) for version in versions), f"run make lock: {versions}"


def test_lock_has_a_hash_for_every_package_and_no_address():
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE))
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert not re.search(r"://|--(extra-)?index|--find-links|\.whl|\.org", LOCK)


def test_there_are_floors_and_no_caps():
    for requirement in requirements():
        assert [specifier.operator for specifier in requirement.specifier] == [">="], requirement


def test_conda_installs_the_same_set():
    environment = yaml.safe_load((REPOSITORY / "environment.yml").read_text(encoding="utf-8"))
    python, pip, packages = environment["dependencies"]
    assert environment["name"] == PYPROJECT["project"]["name"]
    assert python.startswith("python" + PYPROJECT["project"]["requires-python"])
    assert pip == "pip" and packages == {"pip": ["--requirement requirements.txt"]}


def test_contributing_says_why_each_package_is_needed():
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [each.name for each in requirements() if f"`{each.name}`" not in text] == []


def test_there_is_one_address_of_the_repository():
    address = PYPROJECT["project"]["urls"]["Repository"]
    owner_and_name = address.removeprefix("https://github.com/")
    name = owner_and_name.partition("/")[2]
    files = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *(REPOSITORY / "notebooks").glob("*.ipynb")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    found = {each for text in texts for each in re.findall(rf"github(?:\.com)?/([\w-]+/{name})\b", text)}
    assert found == {owner_and_name}


needs_make = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("make"), reason="make is for Unix")


def make(folder, *arguments, path=os.environ["PATH"]):
    """Run the Makefile in a folder of its own, with a lock of its own."""
    shutil.copy(REPOSITORY / "Makefile", folder)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "VENV"))}
    command = ["make", f"PYTHON={sys.executable}", *arguments]
    return subprocess.run(command, cwd=folder, env=environment | {"PATH": path}, capture_output=True, text=True)


@needs_make
def test_make_alone_lists_every_target(tmp_path):
    listed = re.findall(r"^  make (\S+) +\S", make(tmp_path).stdout, flags=re.MULTILINE)
    targets = re.search(r"^\.PHONY: (.*)", (REPOSITORY / "Makefile").read_text(), flags=re.MULTILINE)[1].split()
    assert sorted(listed) == sorted(targets) and "lab" in listed


@needs_make
def test_an_old_python_is_refused_in_a_line(tmp_path):
    (tmp_path / "requirements.txt").write_text("")
    done = make(tmp_path, "PYTHON=false", ".venv/installed")
    assert done.returncode != 0
    assert "needs Python 3.11 or later" in done.stderr
    assert not (tmp_path / ".venv").exists()


@needs_make
def test_an_interrupted_installation_is_not_taken_for_done(tmp_path):
    (tmp_path / "requirements.txt").write_text("")
    fake = tmp_path / "bin" / "uv"
    fake.parent.mkdir()
    path = os.pathsep.join([str(fake.parent), os.environ["PATH"]])

    def install(exit_code):
        fake.write_text(f"#!/bin/sh\necho uv is asked to $*\nexit {exit_code}\n")
        fake.chmod(0o755)
        return make(tmp_path, ".venv/installed", path=path)

    interrupted = install(1)
    assert interrupted.returncode != 0 and "about 6 GB" in interrupted.stdout
    whole = install(0)
    assert whole.returncode == 0 and "--require-hashes -r requirements.txt" in whole.stdout
    assert "uv is asked" not in install(1).stdout  # up to date
    os.utime(tmp_path / ".venv" / "installed", (0, 0))
    assert "uv is asked" in install(0).stdout  # the lock is newer


@needs_make
def test_without_an_environment_nothing_is_installed(tmp_path):
    done = make(tmp_path, "-n", "VENV=", "PYTHON=python9", "test-gpu")
    assert done.returncode == 0, done.stderr
    assert "python9 -m pytest" in done.stdout and "venv" not in done.stdout


# ---- the places that know every notebook: "Where do I change …?" in CONTRIBUTING.md lists them


def places_that_forget(notebooks: list[Path]) -> list[str]:
    """Return which places do not know one of the notebooks, `notebooks/05_tensor_internals.ipynb` and the like."""
    readme, metadata = ((REPOSITORY / name).read_text(encoding="utf-8") for name in ("README.md", "pyproject.toml"))
    count = "no one two three four five six seven eight nine ten".split()[len(notebooks)]
    forgets = {
        "README.md (how many)": f"{count.capitalize()} notebooks" not in readme,
        "pyproject.toml (how many)": f"{count} notebooks" not in metadata,
    }
    for before, notebook in zip([None, *notebooks], notebooks, strict=False):
        number = notebook.name[:2]
        forgets[f"README.md ({number})"] = f"](notebooks/{notebook.name}) |" not in readme
        for place in (f"helpers/exercises/ex{number}*", f"tests/answers/ex{number}.py", f"tests/test_nb{number}.py"):
            forgets[place] = not list(REPOSITORY.glob(place))
        if before:
            forgets[f"notebooks/{before.name} (Next)"] = f"]({notebook.name})" not in before.read_text(encoding="utf-8")
    return [place for place, is_forgotten in forgets.items() if is_forgotten]


def test_no_place_forgets_a_notebook():
    assert places_that_forget(NOTEBOOKS) == []


def test_a_sixth_notebook_would_be_missed_in_every_place():
    assert places_that_forget([*NOTEBOOKS, REPOSITORY / "notebooks/06_more.ipynb"]) == [
        "README.md (how many)",
        "pyproject.toml (how many)",
        "README.md (06)",
        "helpers/exercises/ex06*",
        "tests/answers/ex06.py",
        "tests/test_nb06.py",
        f"notebooks/{NOTEBOOKS[-1].name} (Next)",
    ]
