"""Drawings, one module for each subject: `plots.draw_…` takes data and returns the axes, or the figure of several.

    module       draws                                                              for notebooks
    autograd     the graph that autograd keeps, gradients that add up               02
    bars         numbers side by side                                               01 02 03
    dynamic      a training whose depth is drawn at each step                       02
    faces        faces with their landmarks                                         01
    groups       learning rates over time, two weights walking downhill             03
    history      versions, frozen factors, a graph that grows                       05
    loading      positions, orders and times of a data loader                       01
    memory       what shares memory, and what it costs to walk through it           05
    modes        which module is in which mode, and what each switch does           04
    predictions  what a classifier answers, and how sure it is                      04
    puzzles      what an exercise wants, beside what the learner's function gives   05
    resume       a resumed training beside one that was not interrupted             03
    saving       the best model, answers in two modes, what is on the disk          03
    state_dict   the blocks of a state_dict, and how names meet                     03
    statistics   what batch normalization and dropout do to numbers                 04
    storage      a tensor above its storage                                         05
    tables       answers as a table of marks and words                              04 05
    weave        tensors woven into their storage                                   05

`layout` holds what storage, weave, memory and puzzles have in common.
"""

# ruff: noqa: F401 (imported for the notebooks)

from helpers.plots.autograd import draw_gradient_stack, draw_gradient_sum, draw_graph
from helpers.plots.bars import draw_bars
from helpers.plots.dynamic import draw_coasting, draw_events, draw_loss_by_depth, draw_settings, losses_by_depth
from helpers.plots.faces import draw_face, draw_faces, draw_landmark_map, draw_steps
from helpers.plots.groups import draw_path, draw_schedules
from helpers.plots.history import draw_frozen_factor, draw_growing_graph, draw_versions
from helpers.plots.loading import (
    draw_batches,
    draw_channels,
    draw_counts,
    draw_crop_coverage,
    draw_half_pixel,
    draw_image_grid,
    draw_random_numbers,
    draw_timeline,
)
from helpers.plots.memory import draw_atlas, draw_cost, draw_layout, draw_write
from helpers.plots.modes import draw_costs, draw_mode_key, draw_mode_tree, draw_switchboard
from helpers.plots.predictions import (
    draw_answers,
    draw_company,
    draw_curves,
    draw_photographs,
    draw_uncertainty,
    modes_figure,
)
from helpers.plots.puzzles import draw_gradient_puzzle, draw_layout_puzzle, draw_picture_puzzle, draw_truth_puzzle
from helpers.plots.resume import draw_differences, draw_resumed
from helpers.plots.saving import draw_best, draw_disk, draw_repeats
from helpers.plots.state_dict import draw_name_match, draw_state_dict
from helpers.plots.statistics import draw_clouds, draw_distributions, draw_gradients, draw_matrices, draw_warm_up
from helpers.plots.storage import draw_tensor
from helpers.plots.tables import draw_table
from helpers.plots.weave import draw_verdict, draw_views
