"""Maps and charts as SVG: coordinates and paths are made here, colours belong to the style sheet."""
