"""The generated pages of docs/reference, one module each: ``render()`` returns the text of its page."""
