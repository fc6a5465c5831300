"""How every template is read: nothing undefined passes, and where it is markup, every text is escaped."""

from __future__ import annotations

import jinja2


def environment(*, markup: bool, trim: bool) -> jinja2.Environment:
    """Return what reads the package's templates.

    Args:
        markup: whether a template is HTML or SVG, in which texts are escaped; other templates escape by filters of their own.
        trim: whether a line that holds only a tag of the template leaves no trace.
    """
    return jinja2.Environment(
        loader=jinja2.PackageLoader("imp_conformance", "render/templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=trim,
        lstrip_blocks=trim,
        keep_trailing_newline=True,
        autoescape=markup,
    )
