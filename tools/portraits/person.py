"""A person, drawn at random: proportions, colours, hair and clothes."""

from dataclasses import dataclass

import numpy as np

from portraits.head import Shape


def _colours(*values) -> np.ndarray:
    return np.array(values, float)


SKINS = _colours(
    (244, 202, 178), (236, 188, 158), (224, 172, 134), (206, 150, 110),
    (182, 124, 84), (150, 98, 66), (126, 82, 58), (104, 67, 50),
)  # fmt: skip
FAIR = 3  # the first so many skins have freckles, and hair and eyes of every colour
IRISES = _colours((70, 42, 24), (96, 62, 34), (112, 96, 52), (84, 112, 76), (88, 128, 158), (110, 132, 146))
DARK_HAIR = _colours((40, 30, 28), (58, 40, 32), (84, 54, 36))
FAIR_HAIR = _colours((40, 30, 28), (92, 58, 36), (128, 82, 46), (196, 154, 92), (172, 84, 44), (222, 190, 130))
GREY_HAIR, GREY_BROW = _colours((150, 148, 148), (202, 200, 198)), _colours(96, 90, 86)
CLOTHES = _colours(
    (52, 78, 112), (150, 58, 52), (64, 104, 88), (214, 170, 80), (112, 72, 108),
    (226, 218, 204), (48, 50, 58), (196, 120, 96), (110, 142, 168), (134, 134, 92),
)  # fmt: skip


@dataclass
class Look:
    """The colours and the make of a person's features."""

    skin: np.ndarray
    iris: np.ndarray
    brow: np.ndarray
    lips: np.ndarray
    brow_weight: float = 1.0
    lashes: float = 0.5  # 0 bare … 1 long
    gaze: tuple[float, float] = (0.0, 0.0)
    age: float = 0.0  # 0 smooth … 1 lined
    freckles: bool = False


@dataclass
class Person:
    """Who is portrayed; a portrait is a person, a pose, a light and a background."""

    shape: Shape
    look: Look
    hair: str
    hair_colour: np.ndarray
    beard: str | None
    stubble: float
    glasses: bool
    earrings: bool
    cover: str | None  # "cap", "scarf" or nothing
    cover_colour: np.ndarray
    clothes: str
    clothes_colour: np.ndarray
    neck: float


def pick(rng, options, weights=None):
    """Return one of the options, each as likely as its weight."""
    weights = None if weights is None else np.array(weights) / np.sum(weights)
    return options[rng.choice(len(options), p=weights)]


def draw_person(rng) -> Person:
    """Return a person drawn at random."""
    soft = rng.random() < 0.5  # finer features and longer lashes, or stronger ones
    age = max(0.0, rng.uniform(-0.9, 1.0))
    child = age == 0 and rng.random() < 0.25
    look = _draw_look(rng, soft, child, age)
    hair_colour = pick(rng, GREY_HAIR) if age > 0.55 else look.brow / 0.62
    cover = pick(rng, (None, "cap", "scarf" if soft else "cap"), (10, 1, 1))
    hair = _draw_hair(rng, soft, child, age, cover)
    beard = pick(rng, (None, "full", "goatee", "moustache"), (5, 3, 1, 1)) if not soft and not child else None
    shaven = not (soft or child or beard)
    return Person(
        shape=_draw_shape(rng, soft, child),
        look=look,
        hair=hair,
        hair_colour=hair_colour,
        beard=beard,
        stubble=rng.uniform(0, 0.5) if shaven else 0.45 * (beard == "full"),
        glasses=rng.random() < 0.22,
        earrings=soft and not child and rng.random() < 0.5,
        cover=cover,
        cover_colour=pick(rng, CLOTHES) * rng.uniform(0.95, 1.08),
        clothes=pick(rng, ("crew", "vee", "shirt", "roll", "hood")),
        clothes_colour=pick(rng, CLOTHES) * rng.uniform(0.9, 1.08),
        neck=0.44 if child else 0.49 if soft else 0.58,
    )


def _draw_hair(rng, soft: bool, child: bool, age: float, cover: str | None) -> str:
    """Return a style of hair; a scarf hides it, and under a cap it is cropped or long."""
    if cover:
        return pick(rng, ("bob", "long", "wavy")) if soft and cover == "cap" else "crop"
    if soft:
        return pick(rng, ("bob", "long", "wavy", "bun", "fringe", "curls"), (3, 3, 3, 3, 1, 2))
    weights = (4, 3, 2.5, 0.5 + 2 * child, 2, 4 * (age > 0.45), 1)
    return pick(rng, ("short", "swept", "crop", "fringe", "curls", "ring", "bald"), weights)


def _draw_look(rng, soft: bool, child: bool, age: float) -> Look:
    tone = rng.integers(len(SKINS))
    fair = tone < FAIR
    skin = SKINS[tone] * rng.uniform(0.97, 1.03, 3)
    made_up = soft and not child
    return Look(
        skin=skin,
        iris=pick(rng, IRISES if fair else IRISES[:3]),
        brow=GREY_BROW if age > 0.55 else 0.62 * pick(rng, FAIR_HAIR if fair else DARK_HAIR) * rng.uniform(0.9, 1.1),
        lips=skin * (0.86, 0.56, 0.56) + (14, 2, 6) if made_up else skin * (0.86, 0.64, 0.62),
        brow_weight=rng.uniform(0.65, 0.95) if soft or child else rng.uniform(0.95, 1.3),
        lashes=rng.uniform(0.5, 1.0) if made_up else rng.uniform(0.05, 0.3),
        age=age,
        freckles=fair and age < 0.3 and rng.random() < 0.4,
    )


def _draw_shape(rng, soft: bool, child: bool) -> Shape:
    shape = Shape(
        jaw=rng.uniform(0.86, 0.98) if soft else rng.uniform(0.98, 1.08),
        chin=rng.uniform(0.92, 1.02) if soft else rng.uniform(0.98, 1.07),
        eyes=rng.uniform(1.05, 1.17) if soft else rng.uniform(0.96, 1.08),
        apart=rng.uniform(0.96, 1.04),
        slant=rng.uniform(-0.1, 0.9),
        nose_width=rng.uniform(0.82, 1.0) if soft else rng.uniform(0.95, 1.18),
        nose_length=rng.uniform(0.92, 1.06),
        nose_height=rng.uniform(0.7, 1.05),
        mouth_width=rng.uniform(0.9, 1.08),
        lips=rng.uniform(0.95, 1.3) if soft else rng.uniform(0.75, 1.1),
        brows=rng.uniform(-0.4, 0.6),
        arch=rng.uniform(0.6, 1.15),
    )
    if child:
        shape.eyes, shape.chin, shape.jaw = 1.24, 0.90, 0.98
        shape.nose_length, shape.nose_height, shape.nose_width = 0.84, 0.6, 0.9
    return shape


def set_expression(person: Person, rng) -> None:
    """Give a person a mood: calm, a smile, a laugh, surprise, sorrow, doubt or sleepiness."""
    moods = {
        "calm": {"smile": rng.uniform(-0.1, 0.25)},
        "smile": {"smile": rng.uniform(0.4, 0.9), "raised": rng.uniform(0, 0.4), "lids": 0.93},
        "laugh": {"smile": rng.uniform(0.7, 1), "open": rng.uniform(0.2, 0.55), "raised": 0.35, "lids": 0.85},
        "surprise": {"open": rng.uniform(0.35, 0.9), "raised": rng.uniform(0.6, 1), "lids": 1.15},
        "sad": {"smile": -rng.uniform(0.3, 0.7), "knit": 0.2, "raised": 0.3, "lids": 0.85},
        "stern": {"smile": -rng.uniform(0.1, 0.4), "knit": rng.uniform(0.4, 0.9), "lids": 0.92},
        "sleepy": {"smile": rng.uniform(-0.1, 0.3), "lids": rng.uniform(0.35, 0.6)},
    }
    mood = pick(rng, list(moods), (3, 5, 4, 2, 1.5, 1.5, 1.5))
    for name, value in moods[mood].items():
        setattr(person.shape, name, value)
    person.look.gaze = tuple(rng.uniform((-0.7, -0.25), (0.7, 0.3)))
