"""What is wrong with a template, in AWS's words, and where."""

from sekisho.kernel.errors import ServiceError


class TemplateError(ServiceError):
    """A template is refused: code ``ValidationError``, AWS's text, and the place at fault.

    Attributes:
        location: ``source:line:column Path/In/Template``, or empty where the fault has no place.
    """

    def __init__(self, message: str, location: str = "") -> None:
        super().__init__("ValidationError", message)
        self.location = location
