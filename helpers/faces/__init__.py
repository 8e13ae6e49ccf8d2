"""The drawn face set: portraits with 68 landmarks, made on the spot."""

from .collection import make_faces
from .portrait import draw_portrait

__all__ = ["draw_portrait", "make_faces"]
