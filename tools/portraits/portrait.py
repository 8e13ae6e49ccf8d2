"""The portrait of a person drawn at random."""

import numpy as np

from portraits import eyes, features, scene, wear
from portraits.beard import paint_beard
from portraits.canvas import Canvas
from portraits.hair import Hair
from portraits.head import Head
from portraits.person import Person, draw_person, pick, set_expression
from portraits.skin import Light, render, tones
from portraits.view import View

# A dark and a light colour each.
BACKGROUNDS = np.array(
    [
        [(42, 58, 74), (164, 186, 196)], [(92, 62, 52), (228, 190, 156)], [(50, 66, 54), (178, 196, 160)],
        [(66, 52, 78), (204, 180, 206)], [(120, 120, 116), (236, 232, 224)], [(28, 40, 62), (232, 176, 130)],
        [(150, 90, 70), (250, 214, 170)], [(34, 74, 84), (150, 206, 204)], [(72, 74, 80), (190, 194, 200)],
    ],
    float,
)  # fmt: skip
SIZES = np.array(
    [
        (176, 208), (208, 208), (240, 320), (320, 240), (300, 300),
        (400, 300), (320, 420), (384, 288), (280, 360), (460, 345),
    ]
)  # fmt: skip


def draw_portrait(number: int, seed: int = 68) -> tuple[np.ndarray, np.ndarray]:
    """Draw portrait `number` of the set `seed`: the same two numbers always give the same picture.

    Returns the image (uint8 H×W×3) and its 68 landmarks (float, 68×2, (x, y) in pixels).
    """
    rng = np.random.default_rng([seed, number])
    person = draw_person(rng)
    set_expression(person, rng)
    width, height = (rng.choice(SIZES) + rng.integers(-16, 17, 2)).tolist()
    scale = min(width, height) * rng.uniform(0.19, 0.27)
    place = np.array([width / 2 + rng.normal(0, 0.09) * width, height * 0.44 + rng.normal(0, 0.03) * height])
    if rng.random() < 0.08:  # a face cut by the border
        scale *= 1.25
        place[0] = rng.choice([0.55 * scale, width - 0.55 * scale])
    view = View(Head(person.shape), rng.uniform(-30, 30), rng.uniform(-11, 13), rng.normal(0, 7), scale, place)
    backdrop = pick(rng, BACKGROUNDS)
    light = Light(side=float(rng.choice([-1, 1])) * rng.uniform(0.7, 1.1), rim=backdrop[1] * 0.5 + 127)
    canvas = Canvas(width, height)
    scene.paint_background(canvas, rng, backdrop, light)
    paint_person(canvas, view, person, light, rng)
    return canvas.finish(rng), view.landmarks


def paint_person(canvas: Canvas, view: View, person: Person, light: Light, rng) -> None:
    """Paint a person from what lies farthest to what lies nearest."""
    look, p = person.look, view.landmarks
    hair = Hair(view, person.hair, person.hair_colour, light, rng, side=int(rng.choice([-1, 1])))
    hair.paint_behind(canvas)
    scene.paint_neck(canvas, view, look.skin, light, person.neck)
    scene.paint_clothes(canvas, view, light, person.clothes, person.clothes_colour, person.neck)
    scalp = None if person.hair in ("bald", "ring") else person.hair_colour
    lit = render(canvas, view, look.skin, light, person.stubble, scalp)
    canvas.fill(view.skull(), lit)
    for side in (-1, 1) if not hair.long else ():
        features.paint_ear(canvas, view, light, look, side)
        if person.earrings:
            wear.paint_earring(canvas, view, side, (232, 196, 110))
    canvas.fill(view.face, lit)
    features.paint_age(canvas, view, look, person.shape.smile)
    if look.freckles:
        features.paint_freckles(canvas, view, look, rng)
    eyes.paint_eye(canvas, view, light, look, p[36:42])
    eyes.paint_eye(canvas, view, light, look, p[[45, 44, 43, 42, 47, 46]])
    features.paint_nose(canvas, view, light, look)
    if person.beard:
        paint_beard(canvas, view, person.hair_colour * 0.85, light, rng, person.beard)
    features.paint_mouth(canvas, view, light, look)
    eyes.paint_brow(canvas, view, look, p[17:22], rng)
    eyes.paint_brow(canvas, view, look, p[26:21:-1], rng)
    if person.cover == "scarf":
        wear.paint_scarf(canvas, view, light, person.cover_colour)
    else:
        hair.paint_front(canvas, canvas.region(view.face), tones(look.skin)[0])
    if person.cover == "cap":
        wear.paint_cap(canvas, view, light, person.cover_colour)
    if person.glasses:
        wear.paint_glasses(canvas, view, light, look.brow * 0.6, rng.random() < 0.5)
