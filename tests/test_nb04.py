"""What notebook 04 teaches."""

import copy

import pytest
import torch
from notebook_code import load_definitions
from torch import nn

from helpers.paths import REPOSITORY


@pytest.fixture(scope="module")
def nb():
    return load_definitions(REPOSITORY / "notebooks" / "04_train_eval_modes.ipynb")


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture
def mixed():
    """A model in training mode with one branch, and in it one module, in evaluation mode."""
    model = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5)))
    model[1][0].eval()
    return model


def flags(model):
    return [module.training for module in model.modules()]


# ---- modes


def test_set_mode_does_what_train_and_eval_do(nb, mixed):
    for mode in (False, True):
        nb.set_mode(mixed, mode)
        assert flags(mixed) == flags(copy.deepcopy(mixed).train(mode))


def test_reads_flag_tells_random_layers_from_tracking_ones(nb):
    batch = 1 + torch.randn(8, 4, 6, 6)
    assert nb.reads_flag(nn.Conv2d(4, 4, 3), batch) == {"output differs": False, "state changes": False}
    assert nb.reads_flag(nn.Dropout(0.5), batch) == {"output differs": True, "state changes": False}
    assert nb.reads_flag(nn.BatchNorm2d(4), batch) == {"output differs": True, "state changes": True}
    lstm = nn.LSTM(6, 6, num_layers=2, dropout=0.5)
    assert nb.reads_flag(lstm, batch[0]) == {"output differs": True, "state changes": False}


@pytest.mark.parametrize(["name", "random"], [("WithFunction", True), ("WithList", True), ("WithBoth", False)])
def test_eval_reaches_only_what_listens(nb, name, random):
    model = getattr(nb, name)()
    assert nb.is_random(model.train())
    assert nb.is_random(model.eval()) is random


def test_evaluating_restores_every_mode_after_an_exception_and_when_nested(nb, mixed):
    before = flags(mixed)
    with pytest.raises(KeyError), nb.evaluating(mixed), nb.evaluating(mixed[1]):
        assert not any(flags(mixed))
        raise KeyError
    assert flags(mixed) == before


# ---- batch normalization


@pytest.mark.parametrize("shape", [(8, 3), (4, 3, 5, 6), (1, 3, 2, 2)])
@pytest.mark.parametrize("momentum", [0.1, 1.0, None])
def test_batch_norm_by_hand_is_pytorchs(nb, shape, momentum):
    kind = nn.BatchNorm1d if len(shape) == 2 else nn.BatchNorm2d
    mine, theirs = nb.MyBatchNorm(3, momentum=momentum).double(), kind(3, momentum=momentum).double()
    for layer in (mine, theirs):
        nn.init.constant_(layer.weight, 1.5)
        nn.init.constant_(layer.bias, -0.5)
    for _ in range(3):
        batch = 2 + 3 * torch.randn(shape, dtype=torch.float64)
        inputs = [batch.clone().requires_grad_() for _ in range(2)]
        outputs = [layer(x) for layer, x in zip((mine, theirs), inputs, strict=True)]
        torch.testing.assert_close(*outputs)
        for output in outputs:
            output.pow(3).sum().backward()
        torch.testing.assert_close(inputs[0].grad, inputs[1].grad)
    torch.testing.assert_close(dict(mine.state_dict()), dict(theirs.state_dict()))
    torch.testing.assert_close(mine.eval()(batch), theirs.eval()(batch))


def test_a_batch_of_one_is_refused_in_training_mode_only(nb):
    layer = nb.MyBatchNorm(3)
    with pytest.raises(ZeroDivisionError):
        layer(torch.zeros(1, 3))
    assert layer.num_batches_tracked == 0
    assert layer.eval()(torch.ones(1, 3)).shape == (1, 3)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nn.BatchNorm1d(3)(torch.zeros(1, 3))


def test_share_of_the_truth(nb):
    assert nb.share_of_the_truth(10) == pytest.approx(1 - 0.9**10, abs=1e-5)


# ---- photographs


def test_texture_net_takes_pictures_of_any_size_and_trains_on_one(nb):
    model = nb.TextureNet(classes=5)
    for size in (9, 64, 100):
        assert model(torch.rand(2, 1, size, size + 3)).shape == (2, 5)
    assert model(torch.rand(1, 1, 64, 64)).shape == (1, 5)


@pytest.mark.parametrize(["forget_train", "tracked"], [(False, 6), (True, 2)])
def test_fit_measures_in_evaluation_mode_and_may_forget_to_go_back(nb, forget_train, tracked):
    model, seen = nb.TextureNet(), []
    batch = torch.rand(4, 1, 16, 16), torch.tensor([0, 1, 2, 0])
    before = copy.deepcopy(dict(model.named_parameters()))
    nb.fit(model, [batch] * 2, 3, lambda epoch: seen.append((epoch, *set(flags(model)))), forget_train)
    assert seen == [(0, False), (1, False), (2, False)]
    assert model.features[0].norm.num_batches_tracked == tracked
    assert not any(torch.equal(weight, before[name]) for name, weight in model.named_parameters())


def test_the_fine_tuned_net_keeps_its_statistics(nb):
    model = nb.FineTunedNet()
    assert model.train() is model
    before = copy.deepcopy(model.features.state_dict())
    model.eval()
    model.train()(torch.rand(4, 1, 32, 32))
    assert model.dropout.training
    torch.testing.assert_close(dict(model.features.state_dict()), dict(before), rtol=0, atol=0)


def test_sampled_probabilities_differ_through_dropout_alone(nb):
    model, images = nb.TextureNet().train(), torch.rand(3, 1, 32, 32)
    state = copy.deepcopy(model.state_dict())
    samples = nb.sample_probabilities(model, images, 20)
    assert samples.shape == (20, 3, 3)
    torch.testing.assert_close(samples.sum(2), torch.ones(20, 3))
    assert samples.std(0).min() > 0 and all(flags(model))
    model.dropout.p = 0.0
    assert nb.sample_probabilities(model, images, 20).std(0).max() < 1e-6
    torch.testing.assert_close(dict(model.state_dict()), dict(state), rtol=0, atol=0)


def test_measure_counts_every_picture(nb):
    labels = torch.tensor([0, 1, 2, 0, 1])
    loss, accuracy = nb.measure(nn.Identity(), 9.0 * torch.eye(3)[[0, 1, 2, 0, 0]], labels, batch_size=2)
    assert accuracy == pytest.approx(0.8) and loss == pytest.approx(9 / 5, abs=0.01)
