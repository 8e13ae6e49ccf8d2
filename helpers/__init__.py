"""The tools of the course: data, pictures, widgets and graded exercises; the PyTorch itself is in the notebooks."""
