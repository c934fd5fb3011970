"""Templates: what values one needs, what is sent when they are filled in, how it will look.

Pure: no database, no network. Screens, desk and command line use the same code, so what an agent
sees while typing is what the customer gets.
"""

from vchat_tui.templates.filling import Filled, fill
from vchat_tui.templates.model import Template, TemplatePage
from vchat_tui.templates.parameters import assign, body_values, split, spread
from vchat_tui.templates.preview import Preview, PreviewButton, preview, text_of
from vchat_tui.templates.shape import MEDIA_KINDS, Definition, Shape, read, unsupported
from vchat_tui.templates.usable import unsendable, unusable
from vchat_tui.templates.values import FillError
from vchat_tui.templates.variables import Variable, label_of, variables

__all__ = [
    "MEDIA_KINDS",
    "Definition",
    "FillError",
    "Filled",
    "Preview",
    "PreviewButton",
    "Shape",
    "Template",
    "TemplatePage",
    "Variable",
    "assign",
    "body_values",
    "fill",
    "label_of",
    "preview",
    "read",
    "split",
    "spread",
    "text_of",
    "unsendable",
    "unsupported",
    "unusable",
    "variables",
]
