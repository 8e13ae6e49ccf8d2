"""A person, drawn at random, and the portrait of them."""

from dataclasses import dataclass

import numpy as np

from . import features, scene, wear
from .canvas import Canvas
from .hair import Hair, paint_beard
from .head import Head, Shape, View
from .skin import Light, render, tones

SKINS = np.array([(244, 202, 178), (236, 188, 158), (224, 172, 134), (206, 150, 110), (182, 124, 84), (150, 98, 66), (118, 75, 52), (90, 57, 42)], float)
IRISES = np.array([(70, 42, 24), (96, 62, 34), (112, 96, 52), (84, 112, 76), (88, 128, 158), (110, 132, 146)], float)
DARK_HAIR = np.array([(40, 30, 28), (58, 40, 32), (84, 54, 36)], float)
FAIR_HAIR = np.array([(40, 30, 28), (92, 58, 36), (128, 82, 46), (196, 154, 92), (172, 84, 44), (222, 190, 130)], float)
GREY_HAIR = np.array([(150, 148, 148), (202, 200, 198)], float)
CLOTHES = np.array([(52, 78, 112), (150, 58, 52), (64, 104, 88), (214, 170, 80), (112, 72, 108), (226, 218, 204), (48, 50, 58), (196, 120, 96), (110, 142, 168), (134, 134, 92)], float)
BACKGROUNDS = np.array([[(42, 58, 74), (164, 186, 196)], [(92, 62, 52), (228, 190, 156)], [(50, 66, 54), (178, 196, 160)], [(66, 52, 78), (204, 180, 206)], [(120, 120, 116), (236, 232, 224)],
                        [(28, 40, 62), (232, 176, 130)], [(150, 90, 70), (250, 214, 170)], [(34, 74, 84), (150, 206, 204)], [(72, 74, 80), (190, 194, 200)]], float)


@dataclass
class Person:
    """Who is portrayed; everything else in a portrait follows from this and the pose."""

    shape: Shape
    look: features.Look
    hair: str
    hair_colour: np.ndarray
    beard: str | None
    stubble: float
    glasses: bool
    earrings: bool
    cover: str | None           # "cap", "scarf" or nothing
    cover_colour: np.ndarray
    clothes: str
    clothes_colour: np.ndarray
    neck: float


def _pick(rng, options, weights=None):
    weights = None if weights is None else np.array(weights) / np.sum(weights)
    return options[rng.choice(len(options), p=weights)]


def draw_person(rng) -> Person:
    """Return a person drawn at random."""
    soft = rng.random() < 0.5                       # finer features and longer lashes, or stronger ones
    age = max(0.0, rng.uniform(-0.9, 1.0))
    child = age == 0 and rng.random() < 0.25
    tone = rng.integers(len(SKINS))
    skin = SKINS[tone] * rng.uniform(0.97, 1.03, 3)
    dark = tone >= 3
    hair_colour = _pick(rng, DARK_HAIR if dark else FAIR_HAIR) * rng.uniform(0.9, 1.1)
    brow = hair_colour * 0.62
    if age > 0.55:
        hair_colour, brow = _pick(rng, GREY_HAIR), np.array([96.0, 90, 86])
    shape = Shape(
        jaw=rng.uniform(0.86, 0.98) if soft else rng.uniform(0.98, 1.08), chin=rng.uniform(0.92, 1.02) if soft else rng.uniform(0.98, 1.07),
        eyes=rng.uniform(1.05, 1.17) if soft else rng.uniform(0.96, 1.08), apart=rng.uniform(0.96, 1.04), slant=rng.uniform(-0.1, 0.9),
        nose_width=rng.uniform(0.82, 1.0) if soft else rng.uniform(0.95, 1.18), nose_length=rng.uniform(0.92, 1.06), nose_height=rng.uniform(0.7, 1.05),
        mouth_width=rng.uniform(0.9, 1.08), lips=rng.uniform(0.95, 1.3) if soft else rng.uniform(0.75, 1.1), brows=rng.uniform(-0.4, 0.6), arch=rng.uniform(0.6, 1.15),
    )
    if child:
        shape.eyes, shape.chin, shape.jaw, shape.nose_length, shape.nose_height, shape.nose_width = 1.24, 0.90, 0.98, 0.84, 0.6, 0.9
    lips = skin * (0.86, 0.56, 0.56) + (14, 2, 6) if soft and not child else skin * (0.86, 0.64, 0.62)
    look = features.Look(skin, _pick(rng, IRISES[:3] if dark else IRISES), brow, lips, brow_weight=rng.uniform(0.65, 0.95) if soft or child else rng.uniform(0.95, 1.3),
                         lashes=rng.uniform(0.5, 1.0) if soft and not child else rng.uniform(0.05, 0.3), age=age, freckles=tone < 3 and age < 0.3 and rng.random() < 0.4)
    hair = _pick(rng, ("bob", "long", "wavy", "bun", "fringe", "curls"), (3, 3, 3, 3, 1, 2)) if soft else _pick(rng, ("short", "swept", "crop", "fringe", "curls", "ring", "bald"), (4, 3, 2.5, 0.5 + 2 * child, 2, 2.5 * (age > 0.5), 1))
    beard = _pick(rng, (None, "full", "goatee", "moustache"), (5, 3, 1, 1)) if not soft and not child else None
    cover = _pick(rng, (None, "cap", "scarf" if soft else "cap"), (10, 1, 1))
    return Person(shape, look, hair, hair_colour, beard, 0.75 * (beard == "full") if soft or child or beard else rng.uniform(0, 0.5), rng.random() < 0.22, soft and not child and rng.random() < 0.5,
                  cover, _pick(rng, CLOTHES) * rng.uniform(0.95, 1.08), _pick(rng, ("crew", "vee", "shirt", "roll", "hood")), _pick(rng, CLOTHES) * rng.uniform(0.9, 1.08), 0.44 if child else 0.49 if soft else 0.58)


def set_expression(shape: Shape, look: features.Look, rng) -> None:
    """Give a face a mood: calm, a smile, a laugh, surprise, sorrow, doubt or sleepiness."""
    mood = _pick(rng, ("calm", "smile", "laugh", "surprise", "sad", "stern", "sleepy"), (3, 5, 4, 2, 1.5, 1.5, 1.5))
    values = {
        "calm": dict(smile=rng.uniform(-0.1, 0.25)),
        "smile": dict(smile=rng.uniform(0.4, 0.9), raised=rng.uniform(0, 0.4), lids=0.93),
        "laugh": dict(smile=rng.uniform(0.7, 1.0), open=rng.uniform(0.2, 0.55), raised=rng.uniform(0.1, 0.6), lids=0.85),
        "surprise": dict(open=rng.uniform(0.35, 0.9), raised=rng.uniform(0.6, 1.0), lids=1.15),
        "sad": dict(smile=-rng.uniform(0.3, 0.7), knit=0.2, raised=0.3, lids=0.85),
        "stern": dict(smile=-rng.uniform(0.1, 0.4), knit=rng.uniform(0.4, 0.9), lids=0.92),
        "sleepy": dict(smile=rng.uniform(-0.1, 0.3), lids=rng.uniform(0.35, 0.6)),
    }[mood]
    for name, value in values.items():
        setattr(shape, name, value)
    look.gaze = tuple(rng.uniform((-0.7, -0.25), (0.7, 0.3)))


def draw_portrait(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw portrait number `seed`: the same number always gives the same picture.

    Returns the image (uint8 H×W×3) and its 68 landmarks (float, 68×2, (x, y) in pixels).
    """
    rng = np.random.default_rng([68, seed])
    person = draw_person(rng)
    set_expression(person.shape, person.look, rng)
    width, height = (int(side) for side in rng.choice([(176, 208), (208, 208), (240, 320), (320, 240), (300, 300), (400, 300), (320, 420), (384, 288), (280, 360), (460, 345)]) + rng.integers(-16, 17, 2))
    scale = min(width, height) * rng.uniform(0.19, 0.27)
    place = np.array([width / 2 + rng.normal(0, 0.09) * width, height * 0.44 + rng.normal(0, 0.03) * height])
    if rng.random() < 0.10:                         # a face cut by the border
        scale *= 1.25
        place[0] = rng.choice([0.55 * scale, width - 0.55 * scale])
    view = View(Head(person.shape), rng.uniform(-30, 30), rng.uniform(-11, 13), rng.normal(0, 7), scale, place)
    backdrop = _pick(rng, BACKGROUNDS)
    light = Light(side=float(rng.choice([-1, 1])) * rng.uniform(0.7, 1.1), rim=backdrop[1] * 0.5 + 127)
    canvas = Canvas(width, height)
    scene.paint_background(canvas, rng, backdrop, light)
    paint_person(canvas, view, person, light, rng)
    return canvas.finish(rng), view.landmarks


def paint_person(canvas: Canvas, view: View, person: Person, light: Light, rng) -> None:
    """Paint a person from what lies farthest to what lies nearest."""
    look, p = person.look, view.landmarks
    hair = Hair(view, "crop" if person.cover else person.hair, person.hair_colour, light, rng, side=int(rng.choice([-1, 1])))
    hair.paint_behind(canvas)
    scene.paint_neck(canvas, view, look.skin, light, person.neck)
    scene.paint_clothes(canvas, view, light, person.clothes, person.clothes_colour, person.neck)
    lit = render(view, canvas.image.size, look.skin, light, stubble=person.stubble, scalp=None if person.hair in ("bald", "ring") else person.hair_colour)
    canvas.fill(view.skull(), lit)
    for side in (-1, 1) if not hair.long else ():
        features.paint_ear(canvas, view, light, look, side)
        if person.earrings:
            wear.paint_earring(canvas, view, side, (232, 196, 110))
    canvas.fill(view.face(), lit)
    features.paint_age(canvas, view, look, person.shape.smile)
    if look.freckles:
        features.paint_freckles(canvas, view, look, rng)
    features.paint_eye(canvas, view, light, look, p[36:42])
    features.paint_eye(canvas, view, light, look, p[[45, 44, 43, 42, 47, 46]])
    features.paint_nose(canvas, view, light, look)
    if person.beard:
        paint_beard(canvas, view, person.hair_colour * 0.85, light, rng, person.beard)
    features.paint_mouth(canvas, view, light, look)
    features.paint_brow(canvas, view, look, p[17:22], rng)
    features.paint_brow(canvas, view, look, p[26:21:-1], rng)
    if person.cover == "scarf":
        wear.paint_scarf(canvas, view, light, person.cover_colour)
    else:
        hair.paint_front(canvas, canvas.region(view.face()), tones(look.skin)[0])
    if person.cover == "cap":
        wear.paint_cap(canvas, view, light, person.cover_colour)
    if person.glasses:
        wear.paint_glasses(canvas, view, light, look.brow * 0.6, rng.random() < 0.5)
