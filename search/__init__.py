"""Search room: a library that knows documents, encoders and engines, and nothing of results, needs or zones' business."""
