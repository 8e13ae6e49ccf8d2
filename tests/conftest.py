"""What every test is given: the course's figure style, and no figure of the test before."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from helpers.style import SETTINGS


@pytest.fixture(autouse=True)
def styled_figures():
    with mpl.rc_context(SETTINGS):
        yield
    plt.close("all")
