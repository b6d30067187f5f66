"""The words around what a pack says: a module for each language."""
