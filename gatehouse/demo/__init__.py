"""The main job as a story: three versions of a model, one gate, one reviewer."""
