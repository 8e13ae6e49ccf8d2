"""The drawn face set: portraits with 68 landmarks, made on the spot."""

from helpers.faces.collection import make_faces
from helpers.faces.portrait import draw_portrait

__all__ = ["draw_portrait", "make_faces"]
